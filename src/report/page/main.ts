/*! Charts: uPlot, Copyright (c) 2025 Leon Sorokin, MIT License, https://github.com/leeoniya/uPlot/blob/master/LICENSE */
/** The script of the report page. It may come before what it needs in the page. */
import { startReport } from "./report.ts";

document.addEventListener("DOMContentLoaded", startReport);
