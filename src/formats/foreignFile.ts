/** Files of other programs whose tensors are not read here: what each is, and the one line that converts it. */
import { zipNames } from "./zip.ts";

export const foreignKinds = ["torch", "keras", "hdf5", "tensorflow", "pickle", "npy"] as const;
export type ForeignKind = (typeof foreignKinds)[number];

type Foreign = Readonly<{
  /** What the file is, as the beginning of a sentence. */
  what: string;
  /** The file's name in `line`. */
  input: string;
  /** To be typed into a shell: it writes `nca.safetensors` or `nca.npz`. */
  line: string;
}>;

/** Puts all datasets of `f`, an HDF5 file, into `a`, by their paths. */
const ALL_DATASETS =
  "f.visititems(lambda name, item: a.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)";
/** Puts all arrays in dicts and lists of any depth into one dict, by their paths. */
const FLAT =
  'flat = lambda o, p="": {k: v for n, x in (o.items() if isinstance(o, dict) else enumerate(o)) for k, v in flat(x, f"{p}{n}/").items()} if isinstance(o, (dict, list, tuple)) else {p[:-1]: np.asarray(o)}';

export const foreignFiles: Readonly<Record<ForeignKind, Foreign>> = {
  torch: {
    what: "this is a file of torch.save, which only Python can read",
    input: "nca.pth",
    // What torch.save wrote of a state dict, or of a dict that has it among others. safetensors refuses tensors that
    // share memory or are not contiguous.
    line: `python -c 'import torch; from safetensors.torch import save_file; m = torch.load("nca.pth", map_location="cpu", weights_only=True); m = m.get("state_dict", m.get("model_state_dict", m)); save_file({k: v.clone(memory_format=torch.contiguous_format) for k, v in m.items()}, "nca.safetensors")'`,
  },
  keras: {
    what: "this is a .keras file of Keras",
    input: "nca.keras",
    line: `python -c 'import h5py, io, zipfile, numpy as np; a = {}; f = h5py.File(io.BytesIO(zipfile.ZipFile("nca.keras").read("model.weights.h5"))); ${ALL_DATASETS}; np.savez("nca.npz", **a)'`,
  },
  hdf5: {
    what: "this is an HDF5 file, as Keras writes it",
    input: "nca.h5",
    line: `python -c 'import h5py, numpy as np; a = {}; f = h5py.File("nca.h5"); ${ALL_DATASETS}; np.savez("nca.npz", **a)'`,
  },
  tensorflow: {
    what: "this is part of a checkpoint of TensorFlow",
    input: "nca.ckpt",
    line: `python -c 'import numpy as np, tensorflow as tf; r = tf.train.load_checkpoint("nca.ckpt"); np.savez("nca.npz", **{k: r.get_tensor(k) for k in r.get_variable_to_shape_map() if not k.startswith("_")})'`,
  },
  pickle: {
    what: "this is a pickle, which only Python can read and which runs what is in it",
    input: "nca.pkl",
    line: `python -c 'import pickle, numpy as np; ${FLAT}; np.savez("nca.npz", **flat(pickle.load(open("nca.pkl", "rb"))))'`,
  },
  npy: {
    what: "this is a .npy file, of one array",
    input: "nca.npy",
    line: `python -c 'import numpy as np; a = np.load("nca.npy", allow_pickle=True); np.savez("nca.npz", *([] if a.ndim == 0 else a), **(a.item() if a.ndim == 0 else {}))'`,
  },
};

const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const NPY = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const ZIP = [0x50, 0x4b];
/** A pickle begins with this byte and the version of its protocol. */
const PICKLE = 0x80;
const PROTOCOLS = [2, 3, 4, 5];
/** A safetensors file has it as its ninth byte, after the length of the header. */
const BRACE = 0x7b;
/** The pickled magic number that torch.save began its files with before they were zip archives. */
const OLD_TORCH = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46];
/** Ends the index of a checkpoint, a table of LevelDB. */
const TABLE = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

/**
 * The kind of a file that is not read; undefined for one that may be.
 *
 * @param name of the file, which says what its bytes do not.
 */
export function foreignKind(bytes: Uint8Array, name = ""): ForeignKind | undefined {
  const begins = (mark: readonly number[], at = 0) => mark.every((byte, i) => bytes[at + i] === byte);
  if (begins(HDF5)) return "hdf5";
  if (begins(NPY)) return "npy";
  if (begins(ZIP)) {
    const names = zipNames(bytes) ?? [firstName(bytes)];
    if (names.some((member) => member.endsWith("/data.pkl"))) return "torch";
    return names.includes("model.weights.h5") ? "keras" : undefined;
  }
  if (bytes[0] === PICKLE && PROTOCOLS.includes(bytes[1]) && bytes[8] !== BRACE) {
    return begins(OLD_TORCH, 2) ? "torch" : "pickle";
  }
  if (begins(TABLE, bytes.length - TABLE.length)) return "tensorflow";
  if (bytes[8] === BRACE) return undefined;
  if (/\.ckpt(?:$|[.-])|\.data-\d+-of-\d+$/i.test(name)) return "tensorflow";
  return /\.(?:pkl|pickle)$/i.test(name) ? "pickle" : undefined;
}

/** What to say of such a file; one sentence. */
export function foreignSentence(kind: ForeignKind): string {
  const { what, input, line } = foreignFiles[kind];
  return `${what}; this line converts it, under its own name in place of ${input}: ${line}`;
}

/** The name that an archive, cut short, gives its first member. */
function firstName(bytes: Uint8Array): string {
  const length = bytes[26] + 256 * bytes[27];
  return new TextDecoder("latin1").decode(bytes.subarray(30, 30 + length));
}
