package dev.tarn.spark.kinesis;

import org.apache.spark.sql.SparkSession;

/** One Spark for all tests: it takes seconds to start, and ends with the JVM. */
final class TestSpark {
  private TestSpark() {}

  static SparkSession session() {
    System.setProperty("aws.cborEnabled", "false"); // the stand-in speaks JSON only
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate();
  }
}
