/** Numbers of a tensor. */
export type TensorData = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array | BigInt64Array;

/** An array of any rank, row-major: `data.length` is the product of `shape`, 1 for rank 0. */
export type Tensor = Readonly<{ shape: readonly number[]; data: TensorData }>;

/** Named tensors and named texts: what a safetensors or .npz file holds. Records have no prototype, so no name is special. */
export type TensorFile = Readonly<{
  tensors: Readonly<Record<string, Tensor>>;
  metadata: Readonly<Record<string, string>>;
}>;
