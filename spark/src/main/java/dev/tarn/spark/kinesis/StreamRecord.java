package dev.tarn.spark.kinesis;

/**
 * One record of a stream.
 *
 * @param arrivalMillis ApproximateArrivalTimestamp, milliseconds since 1970
 */
record StreamRecord(String sequenceNumber, String partitionKey, byte[] data, long arrivalMillis) {}
