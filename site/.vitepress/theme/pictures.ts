import butterfly from "../../../playground/public/gallery/butterfly.safetensors?url";
import butterflyPoster from "../../../playground/public/gallery/butterfly.png";
import face from "../../../playground/public/gallery/face.safetensors?url";
import facePoster from "../../../playground/public/gallery/face.png";
import fish from "../../../playground/public/gallery/fish.safetensors?url";
import fishPoster from "../../../playground/public/gallery/fish.png";
import lizard from "../../../playground/public/gallery/lizard.safetensors?url";
import lizardPoster from "../../../playground/public/gallery/lizard.png";
import mushroom from "../../../playground/public/gallery/mushroom.safetensors?url";
import mushroomPoster from "../../../playground/public/gallery/mushroom.png";

/** Models of the playground's gallery that heal; their addresses. */
export const pictures = [
  { title: "Lizard", model: lizard, poster: lizardPoster },
  { title: "Butterfly", model: butterfly, poster: butterflyPoster },
  { title: "Fish", model: fish, poster: fishPoster },
  { title: "Face", model: face, poster: facePoster },
  { title: "Mushroom", model: mushroom, poster: mushroomPoster },
] as const;
