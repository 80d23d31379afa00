package dev.tarn.spark.kinesis;

import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Small blocks travel with the task, large ones as broadcasts, which only their task fetches. */
final class BroadcastHandOver implements HandOver {
  private static final Logger LOG = LoggerFactory.getLogger(BroadcastHandOver.class);
  private static final int INLINE_BYTES = 64 << 10;

  private final JavaSparkContext spark;

  BroadcastHandOver(SparkContext spark) {
    this.spark = JavaSparkContext.fromSparkContext(spark);
  }

  @Override
  public Block give(byte[] block) {
    return block.length <= INLINE_BYTES ? new Inline(block) : new Sent(spark.broadcast(block));
  }

  private record Inline(byte[] bytes) implements Block {
    @Override
    public byte[] get() {
      return bytes;
    }
  }

  private record Sent(Broadcast<byte[]> broadcast) implements Block {
    @Override
    public byte[] get() {
      try {
        return broadcast.value();
      } catch (Exception e) {
        LOG.warn("records handed over by the driver are gone; reading them from the stream", e);
        return null;
      }
    }

    @Override
    public void release() {
      broadcast.destroy();
    }
  }
}
