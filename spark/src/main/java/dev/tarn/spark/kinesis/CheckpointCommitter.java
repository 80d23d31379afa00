package dev.tarn.spark.kinesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** {@code HDFS}: two small files in the source's own folder of the query's checkpoint. */
final class CheckpointCommitter implements MetadataCommitter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Path initial;
  private final Path progress;
  private final Configuration conf;

  /**
   * @param location the folder Spark gives this source in the checkpoint, on any Hadoop file system
   */
  CheckpointCommitter(String location, Configuration conf) {
    this.folder = new Path(location, "aws-kinesis");
    this.initial = new Path(folder, "initial.json");
    this.progress = new Path(folder, "progress.json");
    this.conf = conf;
  }

  @Override
  public String initialOffset() {
    return read(initial);
  }

  @Override
  public String keepInitialOffset(String offset) {
    // Written whole under another name first: a crash leaves no half a file under the real one.
    // Two drivers on one checkpoint are kept apart by Spark's own offset log.
    Path draft = new Path(folder, "." + UUID.randomUUID() + ".tmp");
    try {
      FileSystem fs = fileSystem();
      fs.mkdirs(folder);
      String kept = initialOffset();
      if (kept != null) {
        return kept;
      }
      write(fs, draft, offset);
      if (!fs.rename(draft, initial)) {
        fs.delete(draft, false);
      }
    } catch (IOException e) {
      throw failed("write", initial, e);
    }
    String kept = initialOffset();
    if (kept == null) {
      throw failed("write", initial, new IOException("the file system kept nothing"));
    }
    return kept;
  }

  @Override
  public Progress progress() {
    String text = read(progress);
    if (text == null) {
      return Progress.NONE;
    }
    try {
      JsonNode root = JSON.readTree(text);
      return new Progress(
          root.path("offset").asText(""),
          root.path("turn").asLong(-1),
          root.path("caughtUpAt").asLong(0));
    } catch (IOException e) {
      return Progress.NONE; // cut short by a crash; only a hint anyway
    }
  }

  @Override
  public void keepProgress(Progress reached) {
    ObjectNode root = JSON.createObjectNode().put("version", 1).put("turn", reached.turn());
    root.put("caughtUpAt", reached.caughtUpAt()).put("offset", reached.offset());
    try {
      FileSystem fs = fileSystem();
      fs.mkdirs(folder);
      write(fs, progress, root.toString());
    } catch (IOException e) {
      throw failed("write", progress, e);
    }
  }

  private FileSystem fileSystem() throws IOException {
    return folder.getFileSystem(conf);
  }

  private static void write(FileSystem fs, Path path, String text) throws IOException {
    try (FSDataOutputStream out = fs.create(path, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private String read(Path path) {
    try (FSDataInputStream in = fileSystem().open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      return null;
    } catch (IOException e) {
      throw failed("read", path, e);
    }
  }

  private static UncheckedIOException failed(String verb, Path path, IOException e) {
    return new UncheckedIOException(
        "aws-kinesis can't " + verb + " " + path + " in the checkpoint: " + e.getMessage(), e);
  }

  @Override
  public void close() {}
}
