package dev.tarn.spark.kinesis;

import java.util.List;

/** PutRecords on one stream. Safe for use by several threads. */
interface PutRecordsApi {

  /**
   * Puts the records; some may be refused while the others are stored.
   *
   * @return for each record, in order, null when it is stored, else why not
   * @throws KinesisApiException when the call as a whole is refused or had no answer: then it isn't
   *     known which records are stored
   */
  List<String> putRecords(List<OutgoingRecord> records);
}
