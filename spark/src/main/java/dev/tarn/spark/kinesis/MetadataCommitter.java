package dev.tarn.spark.kinesis;

/**
 * Remembers, outside Spark's offset log, what must be known before that log has an entry (the start
 * of the query), and how far the query came, for those who watch. Used by the query's one thread.
 */
interface MetadataCommitter extends AutoCloseable {

  /**
   * How far a query came.
   *
   * @param offset JSON of the last offset whose batch the sink has committed
   * @param turn its turn
   * @param caughtUpAt when the query was last seen caught up at that turn; milliseconds since 1970
   */
  record Progress(String offset, long turn, long caughtUpAt) {
    static final Progress NONE = new Progress("", -1, 0);
  }

  /** The start offset kept for this source of this query, or null. */
  String initialOffset();

  /**
   * Keeps the start offset unless there is one.
   *
   * @return the offset kept: another one if a run before this was first
   */
  String keepInitialOffset(String offset);

  /** The last progress kept, or {@link Progress#NONE}. */
  Progress progress();

  void keepProgress(Progress progress);

  @Override
  void close();
}
