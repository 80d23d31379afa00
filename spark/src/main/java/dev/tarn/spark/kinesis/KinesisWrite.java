package dev.tarn.spark.kinesis;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;

/**
 * The sink of a streaming query. An epoch's rows are in the stream when its tasks have ended; there
 * is nothing to commit after that, and nothing to take back: at least once.
 */
record KinesisWrite(SinkOptions options, SinkColumns columns) implements Write, StreamingWrite {

  @Override
  public StreamingWrite toStreaming() {
    return this;
  }

  @Override
  public String description() {
    return "aws-kinesis " + options.streamName();
  }

  @Override
  public StreamingDataWriterFactory createStreamingWriterFactory(PhysicalWriteInfo info) {
    return new Factory(options, columns);
  }

  @Override
  public boolean useCommitCoordinator() {
    return false;
  }

  @Override
  public void commit(long epochId, WriterCommitMessage[] messages) {}

  @Override
  public void abort(long epochId, WriterCommitMessage[] messages) {}

  /** Goes to the executors. */
  private record Factory(SinkOptions options, SinkColumns columns)
      implements StreamingDataWriterFactory {

    @Override
    public DataWriter<InternalRow> createWriter(int partitionId, long taskId, long epochId) {
      return new Writer(
          new RecordSender(new SdkPutRecords(options), Pace.SYSTEM, options), columns);
    }
  }

  private record Written() implements WriterCommitMessage {}

  private record Writer(RecordSender sender, SinkColumns columns)
      implements DataWriter<InternalRow> {

    @Override
    public void write(InternalRow row) {
      sender.add(columns.record(row));
    }

    @Override
    public WriterCommitMessage commit() {
      sender.flush();
      return new Written();
    }

    @Override
    public void abort() {}

    @Override
    public void close() {}
  }
}
