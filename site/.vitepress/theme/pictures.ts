/** What the home page plays: `pictures/<name>.safetensors`, and the small `pictures/<name>.webp`. */
export const pictures = ["lizard", "butterfly", "fish", "face", "mushroom"] as const;
