package dev.tarn.kcl;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.RecordProcessorCheckpointer;
import software.amazon.kinesis.processor.ShardRecordProcessor;

/**
 * Prints what it is given and checkpoints it: {@code record SHARD SEQUENCE KEY DATA}, {@code
 * begin}, {@code shard-end} and {@code lost} with the shard.
 */
final class Printer implements ShardRecordProcessor {
  private final PrintStream out;
  private String shard = "";

  Printer(PrintStream out) {
    this.out = out;
  }

  @Override
  public void initialize(InitializationInput input) {
    shard = input.shardId();
    out.println("begin " + shard + " " + input.extendedSequenceNumber().sequenceNumber());
  }

  @Override
  public void processRecords(ProcessRecordsInput input) {
    for (var record : input.records()) {
      String data = StandardCharsets.UTF_8.decode(record.data()).toString();
      out.println(
          String.join(" ", "record", shard, record.sequenceNumber(), record.partitionKey(), data));
    }
    if (!input.records().isEmpty()) {
      checkpoint(input.checkpointer());
    }
  }

  @Override
  public void leaseLost(LeaseLostInput input) {
    out.println("lost " + shard);
  }

  @Override
  public void shardEnded(ShardEndedInput input) {
    checkpoint(input.checkpointer());
    out.println("shard-end " + shard);
  }

  @Override
  public void shutdownRequested(ShutdownRequestedInput input) {
    checkpoint(input.checkpointer());
  }

  private void checkpoint(RecordProcessorCheckpointer checkpointer) {
    try {
      checkpointer.checkpoint();
    } catch (InvalidStateException | ShutdownException lost) {
      out.println("lost " + shard + " " + lost.getMessage());
    }
  }
}
