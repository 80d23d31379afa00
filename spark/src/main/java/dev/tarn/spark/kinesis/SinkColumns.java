package dev.tarn.spark.kinesis;

import java.io.Serializable;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Which columns of a DataFrame make a record: {@code data}, {@code partitionKey}, {@code
 * explicitHashKey}. Those that only the source has are passed over, so that a stream can be copied;
 * any other is refused, as its values would be lost.
 *
 * @param key index of the partition key's column, -1 when one key serves all
 * @param hash index of the explicit hash key's column, -1 without one
 */
record SinkColumns(int data, boolean dataIsText, int key, int hash, String keyColumn, String fixed)
    implements Serializable {
  static final String DATA = "data";
  static final String PARTITION_KEY = "partitionKey";
  static final String EXPLICIT_HASH_KEY = "explicitHashKey";

  private static final List<String> OF_THE_SOURCE =
      List.of("streamName", "sequenceNumber", "approximateArrivalTimestamp", PARTITION_KEY);

  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html
  private static final Pattern HASH_KEY_FORM = Pattern.compile("0|[1-9]\\d{0,38}");
  private static final BigInteger HASH_KEYS = BigInteger.ONE.shiftLeft(128);

  /**
   * @throws IllegalArgumentException naming the column that is missing, of a wrong type or too many
   */
  static SinkColumns of(StructType schema, SinkOptions options) {
    int data = index(schema, DATA);
    if (data < 0) {
      throw new IllegalArgumentException(
          "aws-kinesis writes the column data (binary or string), which isn't among "
              + names(schema)
              + ". Make one, for example to_json(struct(*)) AS data.");
    }
    DataType type = schema.fields()[data].dataType();
    boolean text = type instanceof StringType;
    if (!text && !(type instanceof BinaryType)) {
      throw wrongType(schema.fields()[data], "binary or string", "to_json(struct(*)) AS data");
    }
    int key = options.partitionKey() != null ? -1 : keyIndex(schema, options.partitionKeyColumn());
    int hash = index(schema, EXPLICIT_HASH_KEY);
    if (hash >= 0 && !(schema.fields()[hash].dataType() instanceof StringType)) {
      throw wrongType(schema.fields()[hash], "string", "CAST(explicitHashKey AS STRING)");
    }
    for (int i = 0; i < schema.length(); i++) {
      String name = schema.fields()[i].name();
      boolean used = i == data || i == key || i == hash;
      if (!used && OF_THE_SOURCE.stream().noneMatch(name::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "aws-kinesis would lose the column "
                + name
                + ": a record holds data, partitionKey and explicitHashKey only. Put it into data,"
                + " for example to_json(struct(*)) AS data, or drop it.");
      }
    }
    return new SinkColumns(
        data, text, key, hash, options.partitionKeyColumn(), options.partitionKey());
  }

  private static int keyIndex(StructType schema, String column) {
    int key = index(schema, column);
    if (key < 0) {
      throw new IllegalArgumentException(
          "aws-kinesis needs a partition key for every row: there is no column "
              + column
              + " among "
              + names(schema)
              + ". Add it, name another one by the option "
              + SinkOptions.PARTITION_KEY_COLUMN
              + ", or give one key for all rows by "
              + SinkOptions.PARTITION_KEY
              + ".");
    }
    if (!(schema.fields()[key].dataType() instanceof StringType)) {
      throw wrongType(schema.fields()[key], "string", "CAST(" + column + " AS STRING)");
    }
    return key;
  }

  private static int index(StructType schema, String name) {
    for (int i = 0; i < schema.length(); i++) {
      if (schema.fields()[i].name().equalsIgnoreCase(name)) {
        return i;
      }
    }
    return -1;
  }

  private static String names(StructType schema) {
    return String.join(", ", schema.fieldNames());
  }

  private static IllegalArgumentException wrongType(StructField field, String wanted, String how) {
    return new IllegalArgumentException(
        "aws-kinesis takes the column "
            + field.name()
            + " as "
            + wanted
            + "; it is "
            + field.dataType().simpleString()
            + ". Write it as "
            + how
            + ".");
  }

  /**
   * @throws IllegalArgumentException naming the column whose value can't be written
   */
  OutgoingRecord record(InternalRow row) {
    byte[] bytes =
        row.isNullAt(data)
            ? null
            : dataIsText ? row.getUTF8String(data).getBytes() : row.getBinary(data);
    return record(bytes, key < 0 ? fixed : text(row, key), hash < 0 ? null : text(row, hash));
  }

  private static String text(InternalRow row, int index) {
    return row.isNullAt(index) ? null : row.getUTF8String(index).toString();
  }

  /**
   * @throws IllegalArgumentException naming the column whose value can't be written
   */
  OutgoingRecord record(Row row) {
    byte[] bytes =
        row.isNullAt(data)
            ? null
            : dataIsText
                ? row.getString(data).getBytes(StandardCharsets.UTF_8)
                : row.<byte[]>getAs(data);
    return record(
        bytes, key < 0 ? fixed : row.getString(key), hash < 0 ? null : row.getString(hash));
  }

  private OutgoingRecord record(byte[] bytes, String partitionKey, String hashKey) {
    if (bytes == null) {
      throw new IllegalArgumentException(
          "aws-kinesis can't write a row whose column data is null: filter such rows out.");
    }
    int characters =
        partitionKey == null ? 0 : partitionKey.codePointCount(0, partitionKey.length());
    if (characters == 0 || characters > OutgoingRecord.MAX_KEY_CHARACTERS) {
      throw new IllegalArgumentException(
          "aws-kinesis needs a partition key of 1 to 256 characters in the column "
              + keyColumn
              + "; it was "
              + (partitionKey == null ? "null" : "of " + characters + " characters")
              + ".");
    }
    if (hashKey != null && !isHashKey(hashKey)) {
      throw new IllegalArgumentException(
          "aws-kinesis takes a decimal number below 2^128 in the column explicitHashKey; it was \""
              + hashKey
              + "\".");
    }
    return new OutgoingRecord(bytes, partitionKey, hashKey);
  }

  private static boolean isHashKey(String text) {
    return HASH_KEY_FORM.matcher(text).matches() && new BigInteger(text).compareTo(HASH_KEYS) < 0;
  }
}
