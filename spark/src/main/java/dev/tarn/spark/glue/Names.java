package dev.tarn.spark.glue;

import java.util.regex.Pattern;

/** Hive's patterns of names: `*` stands for anything, `|` parts alternatives. */
final class Names {
  private Names() {}

  static Pattern pattern(String hive) {
    String text = hive == null || hive.isEmpty() ? "*" : hive;
    String regular = text.replace("*", ".*");
    return Pattern.compile(regular, Pattern.CASE_INSENSITIVE);
  }
}
