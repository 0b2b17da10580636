import butterfly from "../../../playground/public/gallery/butterfly.safetensors?url";
import face from "../../../playground/public/gallery/face.safetensors?url";
import fish from "../../../playground/public/gallery/fish.safetensors?url";
import lizard from "../../../playground/public/gallery/lizard.safetensors?url";
import mushroom from "../../../playground/public/gallery/mushroom.safetensors?url";

/** Models of the playground's gallery; `name` is also that of their small picture. */
export const pictures = [
  { name: "lizard", model: lizard },
  { name: "butterfly", model: butterfly },
  { name: "fish", model: fish },
  { name: "face", model: face },
  { name: "mushroom", model: mushroom },
] as const;
