package dev.tarn.spark.kinesis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Records that the driver read and hands to the executor, as bytes, so that it doesn't matter which
 * serializer the session uses. Lives in memory and on the wire of one application only.
 */
final class RecordBlock {
  private RecordBlock() {}

  /** Collects the records of one shard while the batch's common budget of bytes lasts. */
  static final class Writer {
    private final AtomicLong budget;
    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long taken;

    Writer(AtomicLong budget) {
      this.budget = budget;
    }

    void add(StreamRecord record) {
      if (bytes == null) {
        return;
      }
      long cost = record.data().length + record.partitionKey().length() + 100L;
      taken += cost;
      if (budget.addAndGet(-cost) < 0) {
        budget.addAndGet(taken);
        bytes = null;
        return;
      }
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        out.writeUTF(record.sequenceNumber());
        out.writeUTF(record.partitionKey());
        out.writeLong(record.arrivalMillis());
        out.writeInt(record.data().length);
        out.write(record.data());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The records, or null when they went beyond the budget: then they are read once more. */
    byte[] block() {
      return bytes == null ? null : bytes.toByteArray();
    }
  }

  /** Gives the records back in order. */
  static final class Reader implements RecordSource {
    private final DataInputStream in;

    Reader(byte[] block) {
      this.in = new DataInputStream(new ByteArrayInputStream(block));
    }

    @Override
    public StreamRecord next() {
      try {
        if (in.available() == 0) {
          return null;
        }
        String sequenceNumber = in.readUTF();
        String partitionKey = in.readUTF();
        long arrivalMillis = in.readLong();
        byte[] data = new byte[in.readInt()];
        in.readFully(data);
        return new StreamRecord(sequenceNumber, partitionKey, data, arrivalMillis);
      } catch (IOException e) {
        throw new NoSuchElementException("a block of records was cut short", e);
      }
    }
  }
}
