#include "generator/arguments.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace tarn::generator {

namespace {

constexpr std::size_t kMaxDepth = 64;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

void append_utf8(unsigned code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0U | (code >> 6U)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3fU)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xe0U | (code >> 12U)));
    out.push_back(static_cast<char>(0x80U | ((code >> 6U) & 0x3fU)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3fU)));
  } else {
    out.push_back(static_cast<char>(0xf0U | (code >> 18U)));
    out.push_back(static_cast<char>(0x80U | ((code >> 12U) & 0x3fU)));
    out.push_back(static_cast<char>(0x80U | ((code >> 6U) & 0x3fU)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3fU)));
  }
}

void append_quoted(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_json(const Value& value, std::string& out);

void append_json(const Value::List& list, std::string& out) {
  out.push_back('[');
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_json(list[i], out);
  }
  out.push_back(']');
}

void append_json(const Value::Object& object, std::string& out) {
  out.push_back('{');
  for (std::size_t i = 0; i < object.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_quoted(object[i].key, out);
    out.push_back(':');
    append_json(object[i].value, out);
  }
  out.push_back('}');
}

void append_json(const Value& value, std::string& out) {
  if (const std::string* text = value.text()) {
    append_quoted(*text, out);
  } else if (const Value::List* list = value.list()) {
    append_json(*list, out);
  } else if (const Value::Object* object = value.object()) {
    append_json(*object, out);
  } else {
    out += value.printed();
  }
}

// Recursive descent over the template's text; `at` is the next byte.
class ArgumentParser {
 public:
  ArgumentParser(std::string_view text, std::size_t open)
      : text_(text), open_(open), at_(open + 1) {}

  Result<Arguments> run() {
    Arguments arguments;
    skip_space();
    if (peek() == ')') {
      arguments.end = at_ + 1;
      return arguments;
    }
    if (!begins_value()) return bare_text();
    while (true) {
      TARN_TRY(Value value, parse_value(0));
      arguments.values.push_back(std::move(value));
      skip_space();
      if (peek() == ')') break;
      TARN_CHECK(expect_comma("or \")\" after an argument"));
      skip_space();
      if (peek() == ')') break;
    }
    arguments.end = at_ + 1;
    return arguments;
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] Error fail(std::size_t offset, std::string_view message) const {
    return error_at(place_of(text_, offset), message);
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  [[nodiscard]] std::string_view word_here() const {
    std::size_t end = at_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  [[nodiscard]] bool begins_value() const {
    const char c = peek();
    if (c == '[' || c == '{' || c == '"' || c == '\'') return true;
    const std::string_view word = word_here();
    if (word == "true" || word == "false" || word == "null") return true;
    // "2015-01-01" without quotes is text, 20 and -1.5 are numbers: look where the number ends.
    std::size_t end = at_;
    while (end < text_.size() &&
           (is_word(text_[end]) || text_[end] == '.' || text_[end] == '-' || text_[end] == '+')) {
      ++end;
    }
    double number = 0;
    const char* last = text_.data() + end;
    const auto [stop, failure] = std::from_chars(text_.data() + at_, last, number);
    return end > at_ && failure == std::errc() && stop == last;
  }

  Result<Arguments> bare_text() {
    const std::size_t close = text_.find(')', at_);
    if (close == std::string_view::npos) return unclosed();
    std::size_t end = close;
    while (end > at_ && is_space(text_[end - 1])) --end;
    Arguments arguments;
    arguments.values.push_back({std::string(text_.substr(at_, end - at_)), place_of(text_, at_)});
    arguments.end = close + 1;
    return arguments;
  }

  [[nodiscard]] Error unclosed() const { return fail(open_, "this \"(\" is never closed"); }

  Status expect_comma(std::string_view alternative) {
    if (at_ >= text_.size()) return unclosed();
    if (peek() != ',')
      return fail(at_, fmt::format("expected \",\" {}, found \"{}\"", alternative, peek()));
    ++at_;
    return {};
  }

  Result<Value> parse_value(std::size_t depth) {
    skip_space();
    if (at_ >= text_.size()) return unclosed();
    if (depth > kMaxDepth)
      return fail(at_, fmt::format("values are nested deeper than {}", kMaxDepth));
    const Place place = place_of(text_, at_);
    const char c = peek();
    if (c == '[') return parse_list(place, depth);
    if (c == '{') return parse_object(place, depth);
    if (c == '"' || c == '\'') {
      TARN_TRY(std::string text, parse_text());
      return Value{std::move(text), place};
    }
    return parse_plain(place);
  }

  Result<Value> parse_plain(Place place) {
    const std::string_view word = word_here();
    if (word == "true" || word == "false" || word == "null") {
      at_ += word.size();
      if (word == "null") return Value{std::monostate(), place};
      return Value{word == "true", place};
    }
    double number = 0;
    const auto [stop, failure] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (failure != std::errc() || !std::isfinite(number)) {
      return fail(
          at_, fmt::format(
                   "expected a value (\"text\", number, true, false, null, [ or {{), found \"{}\"",
                   peek()));
    }
    at_ = static_cast<std::size_t>(stop - text_.data());
    return Value{number, place};
  }

  Result<Value> parse_list(Place place, std::size_t depth) {
    ++at_;
    Value::List list;
    while (true) {
      skip_space();
      if (peek() == ']') break;
      TARN_TRY(Value value, parse_value(depth + 1));
      list.push_back(std::move(value));
      skip_space();
      if (peek() == ']') break;
      TARN_CHECK(expect_comma("or \"]\" in a list"));
    }
    ++at_;
    return Value{std::move(list), place};
  }

  Result<Value> parse_object(Place place, std::size_t depth) {
    ++at_;
    Value::Object object;
    while (true) {
      skip_space();
      if (peek() == '}') break;
      TARN_TRY(std::string key, parse_key());
      skip_space();
      if (peek() != ':') return fail(at_, fmt::format("expected \":\" after the key \"{}\"", key));
      ++at_;
      TARN_TRY(Value value, parse_value(depth + 1));
      object.push_back({std::move(key), std::move(value)});
      skip_space();
      if (peek() == '}') break;
      TARN_CHECK(expect_comma("or \"}\" in an object"));
    }
    ++at_;
    return Value{std::move(object), place};
  }

  Result<std::string> parse_key() {
    if (peek() == '"' || peek() == '\'') return parse_text();
    const std::string_view word = word_here();
    if (word.empty()) return fail(at_, "expected a key");
    at_ += word.size();
    return std::string(word);
  }

  Result<std::string> parse_text() {
    const std::size_t start = at_;
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      const char c = text_[at_++];
      // Newlines of a template are dropped, inside texts too.
      if (c == '\n' || c == '\r') continue;
      if (c != '\\') {
        out.push_back(c);
      } else {
        TARN_CHECK(parse_escape(out));
      }
    }
    if (at_ >= text_.size()) return fail(start, "this text is never closed");
    ++at_;
    return out;
  }

  Status parse_escape(std::string& out) {
    const std::size_t start = at_ - 1;
    const char c = peek();
    ++at_;
    switch (c) {
      case 'n': out.push_back('\n'); return {};
      case 't': out.push_back('\t'); return {};
      case 'r': out.push_back('\r'); return {};
      case 'b': out.push_back('\b'); return {};
      case 'f': out.push_back('\f'); return {};
      case '"':
      case '\'':
      case '\\':
      case '/': out.push_back(c); return {};
      case 'u': return parse_unicode(start, out);
      default: return fail(start, fmt::format("unknown escape \"\\{}\"", c));
    }
  }

  Status parse_unicode(std::size_t start, std::string& out) {
    unsigned code = 0;
    if (!read_hex(code)) return fail(start, "\\u needs four hexadecimal digits");
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
      unsigned low = 0;
      at_ += 2;
      if (!read_hex(low) || low < 0xdc00 || low > 0xdfff)
        return fail(start, "half a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00);
    }
    if (code >= 0xd800 && code < 0xe000) return fail(start, "half a surrogate pair");
    append_utf8(code, out);
    return {};
  }

  bool read_hex(unsigned& code) {
    if (at_ + 4 > text_.size()) return false;
    const char* first = text_.data() + at_;
    const auto [stop, failure] = std::from_chars(first, first + 4, code, 16);
    at_ += 4;
    return failure == std::errc() && stop == first + 4;
  }

  std::string_view text_;
  std::size_t open_;
  std::size_t at_;
};

}  // namespace

Place place_of(std::string_view text, std::size_t offset) {
  Place place;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) {
      ++place.column;
    }
  }
  return place;
}

Error error_at(Place place, std::string_view message) {
  return {code::kInvalid, fmt::format("template {}:{}: {}", place.line, place.column, message)};
}

const Value* Value::member(std::string_view name) const {
  const Value* found = nullptr;
  if (const Object* members = object()) {
    for (const auto& [key, value] : *members) {
      if (key == name) found = &value;
    }
  }
  return found;
}

std::string_view Value::kind() const {
  static constexpr std::string_view kKinds[] = {"null",   "a boolean", "a number",
                                                "a text", "a list",    "an object"};
  return kKinds[content.index()];
}

std::string Value::printed() const {
  std::string out;
  if (const std::string* plain = text()) return *plain;
  if (const double* value = number()) {
    append_number(*value, out);
  } else if (const bool* truth = std::get_if<bool>(&content)) {
    out = *truth ? "true" : "false";
  } else if (std::holds_alternative<std::monostate>(content)) {
    out = "null";
  } else {
    append_json(*this, out);
  }
  return out;
}

Result<Arguments> parse_arguments(std::string_view text, std::size_t open) {
  return ArgumentParser(text, open).run();
}

void append_number(double number, std::string& out) {
  // The largest integers that JavaScript prints without an exponent have 21 digits; ours stop at
  // what int64 holds.
  if (std::trunc(number) == number && std::abs(number) < 9.0e18) {
    fmt::format_to(std::back_inserter(out), "{}", static_cast<std::int64_t>(number));
  } else {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
}

}  // namespace tarn::generator
