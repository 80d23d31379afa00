package dev.tarn.spark.kinesis;

/** What survives a crash of the driver, in memory. */
final class FakeCommitter implements MetadataCommitter {
  String initial;
  Progress progress = Progress.NONE;
  boolean broken;

  @Override
  public String initialOffset() {
    return initial;
  }

  @Override
  public String keepInitialOffset(String offset) {
    if (initial == null) {
      initial = offset;
    }
    return initial;
  }

  @Override
  public Progress progress() {
    refuseWhenBroken();
    return progress;
  }

  @Override
  public void keepProgress(Progress reached) {
    refuseWhenBroken();
    progress = reached;
  }

  private void refuseWhenBroken() {
    if (broken) {
      throw new IllegalStateException("the committer is broken");
    }
  }

  @Override
  public void close() {}
}
