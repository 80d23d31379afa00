package dev.tarn.spark.kinesis;

import java.util.Map;

/**
 * A batch with records, decided.
 *
 * @param offset the ranges it reads
 * @param blocks records already read, by shard; a shard without one is read by its executor
 */
record Turn(SourceOffset offset, Map<String, byte[]> blocks) {}
