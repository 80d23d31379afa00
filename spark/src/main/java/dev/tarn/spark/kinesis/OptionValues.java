package dev.tarn.spark.kinesis;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a user wrote after {@code option(…)}, read and checked. Names are compared without regard to
 * case, as Spark gives them. Every error names the option and what it takes.
 */
final class OptionValues {
  private static final String PREFIX = "kinesis.";

  // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
  private static final Pattern STREAM_NAME_FORM = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
  private static final Pattern INTERVAL_FORM = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|min|h)?");
  private static final Pattern REGION_IN_HOST =
      Pattern.compile("kinesis(?:-fips)?\\.([a-z]{2}(?:-[a-z]+)+-\\d+)\\.(?:amazonaws|api).*");

  private final Map<String, String> options = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /**
   * @param given keys in any case; those without the prefix {@code kinesis.} are left alone
   */
  OptionValues(Map<String, String> given) {
    options.putAll(given);
  }

  /**
   * @param elsewhere names that have a meaning, but not here
   * @param why said of one of those
   * @throws IllegalArgumentException for a name that is in neither list
   */
  void refuseUnknown(List<String> known, List<String> elsewhere, String why) {
    for (String name : options.keySet()) {
      boolean ours = name.toLowerCase(Locale.ROOT).startsWith(PREFIX);
      if (!ours || known.stream().anyMatch(name::equalsIgnoreCase)) {
        continue;
      }
      String said =
          elsewhere.stream().anyMatch(name::equalsIgnoreCase)
              ? "Option " + name + why
              : "Unknown option "
                  + name
                  + " of aws-kinesis; did you mean "
                  + NearestName.of(name, Stream.concat(known.stream(), elsewhere.stream()).toList())
                  + "?";
      throw new IllegalArgumentException(
          said + " Known options: " + String.join(", ", known) + ".");
    }
  }

  boolean hasAnyOf(List<String> names) {
    return names.stream().anyMatch(options::containsKey);
  }

  String streamName() {
    String stream = required(KinesisOptions.STREAM_NAME, "");
    if (!STREAM_NAME_FORM.matcher(stream).matches()) {
      throw bad(
          KinesisOptions.STREAM_NAME,
          stream,
          "1 to 128 of the characters a-z A-Z 0-9 _ . - (a name, no ARN)");
    }
    return stream;
  }

  /** The value, trimmed, or null where there is none. */
  String text(String name) {
    String value = options.get(name);
    return value == null || value.isBlank() ? null : value.trim();
  }

  String text(String name, String otherwise) {
    String value = text(name);
    return value == null ? otherwise : value;
  }

  /**
   * @param when completes "needs the option NAME", or is empty
   */
  String required(String name, String when) {
    String value = text(name);
    if (value != null) {
      return value;
    }
    String bare = name.substring(PREFIX.length());
    String hint =
        text(bare) == null ? "" : " There is an option " + bare + ": write " + name + " instead.";
    throw new IllegalArgumentException("aws-kinesis needs the option " + name + when + "." + hint);
  }

  /** The option, else what the endpoint's host says, else null. */
  String region(String endpoint) {
    String region = text(KinesisOptions.REGION);
    if (region != null || endpoint == null) {
      return region;
    }
    Matcher host = REGION_IN_HOST.matcher(URI.create(endpoint).getHost());
    return host.matches() ? host.group(1) : null;
  }

  String url(String name) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    String form = "an http or https URL, such as https://kinesis.us-west-2.amazonaws.com";
    try {
      URI uri = URI.create(text);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
        throw bad(name, text, form);
      }
      return uri.toString();
    } catch (IllegalArgumentException e) {
      throw bad(name, text, form);
    }
  }

  long number(String name, long otherwise, long least, long most) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    String form = "a whole number from " + least + " to " + most;
    try {
      long value = Long.parseLong(text.trim());
      if (value < least || value > most) {
        throw bad(name, text, form);
      }
      return value;
    } catch (NumberFormatException e) {
      throw bad(name, text, form);
    }
  }

  boolean flag(String name, boolean otherwise) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    return switch (text.trim().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad(name, text, "true or false");
    };
  }

  /** Milliseconds. */
  long interval(String name, String otherwise) {
    String text = options.getOrDefault(name, otherwise).trim().toLowerCase(Locale.ROOT);
    Matcher form = INTERVAL_FORM.matcher(text);
    if (!form.matches()) {
      throw bad(name, text, "a time such as 10s, 500ms or 1m (seconds without a unit)");
    }
    long number = Long.parseLong(form.group(1));
    String unit = form.group(2) == null ? "s" : form.group(2);
    return switch (unit) {
      case "ms" -> number;
      case "s" -> number * 1_000;
      case "h" -> number * 3_600_000;
      default -> number * 60_000;
    };
  }

  RetryPolicy retry() {
    return new RetryPolicy(
        (int) number(KinesisOptions.NUM_RETRIES, 10, 0, 1_000),
        number(KinesisOptions.RETRY_INTERVAL_MS, 250, 1, 3_600_000),
        number(KinesisOptions.MAX_RETRY_INTERVAL_MS, 10_000, 1, 3_600_000));
  }

  static IllegalArgumentException bad(String name, String value, String takes) {
    return new IllegalArgumentException(
        "Option " + name + " of aws-kinesis takes " + takes + "; it was \"" + value + "\".");
  }
}
