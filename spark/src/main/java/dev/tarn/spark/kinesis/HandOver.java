package dev.tarn.spark.kinesis;

import java.io.Serializable;

/** Takes records the driver has read to the executor of their shard. */
interface HandOver {

  /** A handle to a block, for one task. */
  interface Block extends Serializable {
    /** The bytes, or null when they can't be had any more: then the shard is read once more. */
    byte[] get();

    /** Frees what the driver keeps of it. */
    default void release() {}
  }

  Block give(byte[] block);
}
