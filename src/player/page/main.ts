/** The script of the player page. It may come before what it needs in the page. */
import { startPlayer } from "./player.ts";

document.addEventListener("DOMContentLoaded", startPlayer);
