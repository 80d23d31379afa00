// random.* and helpers.*: numbers, choices, ids.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "generator/functions.h"

namespace tarn::generator {

namespace {

constexpr std::string_view kLowerAlphaNumeric = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::int64_t kMaxLength = 1'000'000;
// Beyond this a double no longer holds every integer.
constexpr double kMaxWhole = 9007199254740992.0;

void put_whole(std::int64_t number, std::string& out) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

// steps * 10^-decimals without the trailing zeros, as JavaScript prints it.
void put_decimal(std::int64_t steps, int decimals, std::string& out) {
  if (steps < 0) out.push_back('-');
  const fmt::format_int digits(steps < 0 ? -steps : steps);
  const std::string_view all(digits.data(), digits.size());
  const std::size_t fraction = static_cast<std::size_t>(decimals);
  if (all.size() > fraction) {
    out.append(all.substr(0, all.size() - fraction));
  } else {
    out.push_back('0');
  }
  out.push_back('.');
  if (all.size() < fraction) out.append(fraction - all.size(), '0');
  out.append(all.size() > fraction ? all.substr(all.size() - fraction) : all);
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
}

// The exponent of `precision` where it is 1, 0.1, 0.01, …; -1 where it is not.
int decimals_of(double precision) {
  double power = 1;
  for (int decimals = 0; decimals <= 12; ++decimals, power *= 10) {
    if (std::abs(precision * power - 1) < 1e-9) return decimals;
  }
  return -1;
}

GeneratorPtr number_generator(double low_step, double high_step, double precision) {
  const auto low = static_cast<std::int64_t>(low_step);
  const auto high = static_cast<std::int64_t>(high_step);
  const int decimals = decimals_of(precision);
  if (decimals == 0) {
    return make_generator([low, high](RenderState& state, std::string& out) {
      put_whole(state.random.between(low, high), out);
    });
  }
  if (decimals > 0) {
    return make_generator([low, high, decimals](RenderState& state, std::string& out) {
      put_decimal(state.random.between(low, high), decimals, out);
    });
  }
  return make_generator([low, high, precision](RenderState& state, std::string& out) {
    append_number(static_cast<double>(state.random.between(low, high)) * precision, out);
  });
}

Result<GeneratorPtr> make_bounded(const Call& call, double default_max, double default_precision) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const double min, [&]() -> Result<double> {
    // random.number(10) gives the maximum.
    if (call.arguments.empty() || call.arguments[0].object() == nullptr) return 0.0;
    return call.number(0, "min", 0);
  }());
  TARN_TRY(const double max, call.number(0, "max", default_max));
  const bool has_options = !call.arguments.empty() && call.arguments[0].object() != nullptr;
  TARN_TRY(const double precision,
           has_options ? call.number(0, "precision", default_precision) : default_precision);
  const Place place = call.arguments.empty() ? call.place : call.arguments[0].place;
  if (!(precision > 0))
    return call.fail(place, fmt::format("\"precision\" must be above 0, not {}", precision));
  if (max < min)
    return call.fail(place, fmt::format("\"max\" ({}) is below \"min\" ({})", max, min));
  // A hair of tolerance: 0.3 / 0.1 is 2.9999999999999996.
  const double low = std::ceil(min / precision - 1e-9);
  const double high = std::floor(max / precision + 1e-9);
  if (std::max(std::abs(low), std::abs(high)) > kMaxWhole) {
    return call.fail(place, "the range has more than 2^53 steps; use a larger \"precision\"");
  }
  if (high < low) {
    return call.fail(place,
                     fmt::format("no multiple of {} lies between {} and {}", precision, min, max));
  }
  return number_generator(low, high, precision);
}

Result<GeneratorPtr> make_number(const Call& call) {
  return make_bounded(call, 99'999, 1);
}
Result<GeneratorPtr> make_float(const Call& call) {
  return make_bounded(call, 99'999, 0.0001);
}

Result<GeneratorPtr> make_boolean(const Call& call) {
  TARN_CHECK(call.at_most(0));
  return make_generator([](RenderState& state, std::string& out) {
    out += (state.random.next() >> 63U) != 0 ? "true" : "false";
  });
}

struct HexPairs {
  std::array<char, 512> digits{};
  constexpr HexPairs() {
    for (std::size_t i = 0; i < 256; ++i) {
      digits[2 * i] = kHexDigits[i >> 4U];
      digits[2 * i + 1] = kHexDigits[i & 15U];
    }
  }
};
constexpr HexPairs kHexPairs;

// A version 4 UUID (RFC 9562 section 5.4).
void put_uuid(RandomSource& random, std::string& out) {
  std::array<std::uint64_t, 2> words = {random.next(), random.next()};
  std::array<unsigned char, 16> bytes{};
  std::memcpy(bytes.data(), words.data(), bytes.size());
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
  std::array<char, 36> text{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    std::memcpy(text.data() + at, kHexPairs.digits.data() + std::size_t{2} * bytes[i], 2);
    at += 2;
  }
  out.append(text.data(), text.size());
}

Result<GeneratorPtr> make_uuid(const Call& call) {
  TARN_CHECK(call.at_most(0));
  return make_generator([](RenderState& state, std::string& out) { put_uuid(state.random, out); });
}

// The texts of a list argument; refused when there is none.
Result<std::vector<std::string>> choices(const Call& call, const Value* list,
                                         std::string_view what) {
  if (list == nullptr || list->list() == nullptr) {
    return call.fail(list == nullptr ? call.place : list->place,
                     fmt::format("needs {}, such as [\"a\", \"b\"]", what));
  }
  if (list->list()->empty())
    return call.fail(list->place, "an empty list has nothing to choose from");
  std::vector<std::string> texts;
  for (const Value& value : *list->list()) texts.push_back(value.printed());
  return texts;
}

// One block of memory for all choices: a pick touches two cache lines and not a heap of strings.
struct Choices {
  explicit Choices(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      ends.push_back(static_cast<std::uint32_t>(block.size() + text.size()));
      block += text;
    }
  }
  void put(std::size_t index, std::string& out) const {
    const std::size_t begin = index == 0 ? 0 : ends[index - 1];
    out.append(block, begin, ends[index] - begin);
  }
  std::string block;
  std::vector<std::uint32_t> ends;
};

Result<GeneratorPtr> make_array_element(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(std::vector<std::string> texts,
           choices(call, call.arguments.empty() ? nullptr : &call.arguments[0], "a list"));
  return make_generator([choices = Choices(texts)](RenderState& state, std::string& out) {
    choices.put(static_cast<std::size_t>(state.random.below(choices.ends.size())), out);
  });
}

// One of an object's values (random.objectElement) drawn evenly.
Result<GeneratorPtr> make_object_element(const Call& call) {
  TARN_CHECK(call.at_most(1));
  const Value::Object* object = call.arguments.empty() ? nullptr : call.arguments[0].object();
  if (object == nullptr || object->empty())
    return call.fail(call.place, "needs an object, such as {\"a\": 1, \"b\": 2}");
  std::vector<std::string> texts;
  for (const auto& [key, value] : *object) texts.push_back(value.printed());
  return make_generator([choices = Choices(texts)](RenderState& state, std::string& out) {
    choices.put(static_cast<std::size_t>(state.random.below(choices.ends.size())), out);
  });
}

Result<std::vector<double>> read_weights(const Call& call, const Value* weights,
                                         std::size_t count) {
  if (weights == nullptr || weights->list() == nullptr) {
    return call.fail(weights == nullptr ? call.place : weights->place,
                     "needs \"weights\", a list of numbers");
  }
  std::vector<double> numbers;
  for (const Value& weight : *weights->list()) {
    const double* number = weight.number();
    if (number == nullptr || *number < 0) {
      return call.fail(weight.place, fmt::format("a weight must be a number of 0 or more, not {}",
                                                 number == nullptr ? std::string(weight.kind())
                                                                   : weight.printed()));
    }
    numbers.push_back(*number);
  }
  if (numbers.size() != count) {
    return call.fail(weights->place,
                     fmt::format("{} weights stand against {} data", numbers.size(), count));
  }
  return numbers;
}

// Weights need not sum to 1: each counts by its share of the sum.
Result<GeneratorPtr> make_weighted(const Call& call) {
  TARN_CHECK(call.at_most(1));
  const Value* options = call.arguments.empty() ? nullptr : &call.arguments[0];
  if (options == nullptr || options->object() == nullptr) {
    return call.fail(options == nullptr ? call.place : options->place,
                     "needs an object {\"weights\": [0.3, 0.7], \"data\": [\"a\", \"b\"]}");
  }
  TARN_TRY(std::vector<std::string> texts,
           choices(call, options->member("data"), "\"data\", a list"));
  TARN_TRY(std::vector<double> weights,
           read_weights(call, options->member("weights"), texts.size()));
  double sum = 0;
  for (double& weight : weights) weight = sum += weight;
  if (!(sum > 0)) return call.fail(options->place, "the weights sum to 0");
  for (double& bound : weights) bound /= sum;
  // Rounding must not leave a gap at the end, nor an element of weight 0 fill it.
  const double top = weights.back();
  for (double& bound : weights) bound = bound == top ? 1.0 : bound;
  return make_generator([choices = Choices(texts), bounds = std::move(weights)](RenderState& state,
                                                                                std::string& out) {
    const auto found = std::upper_bound(bounds.begin(), bounds.end(), state.random.unit());
    choices.put(static_cast<std::size_t>(found - bounds.begin()), out);
  });
}

Result<GeneratorPtr> make_characters(const Call& call, std::string_view prefix,
                                     std::string_view alphabet) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const std::int64_t count, call.whole(0, "count", 1, 0, kMaxLength));
  return make_generator([=](RenderState& state, std::string& out) {
    out += prefix;
    for (std::int64_t i = 0; i < count; ++i) out.push_back(state.random.pick(alphabet));
  });
}

Result<GeneratorPtr> make_alpha_numeric(const Call& call) {
  return make_characters(call, "", kLowerAlphaNumeric);
}
Result<GeneratorPtr> make_hexadecimal(const Call& call) {
  return make_characters(call, "0x", kHexDigits);
}

Result<GeneratorPtr> make_alpha(const Call& call) {
  const bool options = !call.arguments.empty() && call.arguments[0].object() != nullptr;
  const Value* upcase = options ? call.arguments[0].member("upcase") : nullptr;
  const bool* up = upcase == nullptr ? nullptr : std::get_if<bool>(&upcase->content);
  if (upcase != nullptr && up == nullptr)
    return call.fail(upcase->place, "\"upcase\" must be true or false");
  return make_characters(call, "", up != nullptr && *up ? kUpperLetters : kLetters);
}

Result<GeneratorPtr> make_random_words(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const std::int64_t given, call.whole(0, "count", 0, 0, kMaxLength));
  const auto words = words_of("random.word");
  return make_generator([given, words](RenderState& state, std::string& out) {
    const std::int64_t count = given > 0 ? given : state.random.between(1, 3);
    for (std::int64_t i = 0; i < count; ++i) {
      if (i > 0) out.push_back(' ');
      out += state.random.pick(words);
    }
  });
}

// helpers.replaceSymbols("##-??"): # a digit, ? a capital letter, * either.
Result<GeneratorPtr> make_symbols(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(std::string format, call.text(0, "string", ""));
  const bool letters = call.name == "helpers.replaceSymbols";
  return make_generator([format = std::move(format), letters](RenderState& state,
                                                              std::string& out) {
    for (const char c : format) {
      const bool letter = letters && (c == '?' || (c == '*' && (state.random.next() >> 63U) != 0));
      if (letter) {
        out.push_back(state.random.pick(kUpperLetters));
      } else if (c == '#' || (letters && c == '*')) {
        out.push_back(static_cast<char>('0' + state.random.below(10)));
      } else if (c == '!' && !letters) {
        out.push_back(static_cast<char>('2' + state.random.below(8)));
      } else {
        out.push_back(c);
      }
    }
  });
}

constexpr Function kRandomFunctions[] = {
    {"random.number", make_number},
    {"random.float", make_float},
    {"random.boolean", make_boolean},
    {"random.uuid", make_uuid},
    {"random.arrayElement", make_array_element},
    {"random.objectElement", make_object_element},
    {"random.weightedArrayElement", make_weighted},
    {"random.alphaNumeric", make_alpha_numeric},
    {"random.alpha", make_alpha},
    {"random.hexaDecimal", make_hexadecimal},
    {"random.words", make_random_words},
    {"helpers.replaceSymbols", make_symbols},
    {"helpers.replaceSymbolWithNumber", make_symbols},
};

}  // namespace

std::span<const Function> random_functions() {
  return kRandomFunctions;
}

}  // namespace tarn::generator
