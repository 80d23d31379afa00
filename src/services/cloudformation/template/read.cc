#include "services/cloudformation/template/read.h"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "wire/encoding.h"

namespace tarn::cloudformation {
namespace {

constexpr std::size_t kDeepest = 100;

// Every short form.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
constexpr std::array<std::string_view, 24> kFunctions = {
    "And",          "Base64",    "Cidr",
    "Equals",       "FindInMap", "ForEach",
    "GetAZs",       "GetAtt",    "If",
    "ImportValue",  "Join",      "Length",
    "Not",          "Or",        "Select",
    "Split",        "Sub",       "ToJsonString",
    "Transform",    "Contains",  "EachMemberEquals",
    "EachMemberIn", "RefAll",    "ValueOf"};

// What YAML itself would make of a plain scalar (https://yaml.org/type/). Yes and No stay texts: as
// values of parameters they are meant as such.
bool is_boolean(std::string_view text) {
  const std::string lower = wire::to_lower(text);
  return lower == "true" || lower == "false";
}

bool is_null(std::string_view text) {
  return text.empty() || text == "~" || wire::to_lower(text) == "null";
}

bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  bool digit = false;
  bool dot = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      digit = true;
    } else if (c == '.' && !dot) {
      dot = true;
    } else if ((c == 'e' || c == 'E') && digit && i + 1 < text.size()) {
      return is_number(text.substr(i + 1)) && text.find('.', i) == text.npos;
    } else {
      return false;
    }
  }
  // 012 is a text: an account id must keep its zeros.
  return digit && (text.size() == 1 || text[0] != '0' || text[1] == '.');
}

Value plain(const std::string& text) {
  if (is_null(text)) return Value::null();
  if (is_boolean(text)) return Value::boolean(wire::to_lower(text) == "true");
  if (is_number(text)) return Value::number(text);
  return text;
}

// "A.B.C" as ["A", "B.C"].
Value attribute_of(const std::string& text, int line) {
  const std::size_t dot = text.find('.');
  Value::List both;
  both.push_back(Value(text.substr(0, dot)).at_line(line));
  if (dot != text.npos) both.push_back(Value(text.substr(dot + 1)).at_line(line));
  return Value(std::move(both)).at_line(line);
}

// What a wrong template is left by; caught where the parser was called.
struct Refused final : std::exception {
  Refused(std::string text, int at) : message(std::move(text)), line(at) {}
  [[nodiscard]] const char* what() const noexcept override { return message.c_str(); }
  std::string message;
  int line;
};

// Makes the tree from the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(anchor, mark);
    add(Value::null().at_line(line_of(mark)), "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw Refused("YAML aliases are not supported in CloudFormation templates", line_of(mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    refuse_anchor(anchor, mark);
    const int line = line_of(mark);
    if (expects_key()) {
      take_key(text, line);
    } else if (tag == "?") {
      add(plain(text).at_line(line), "");
    } else {
      add(Value(text).at_line(line), tag);
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Value(Value::List()), mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Value(Value::Map()), mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  [[nodiscard]] std::optional<Value>& root() { return root_; }

 private:
  struct Level {
    Value value;
    std::string tag;
    std::optional<std::string> key;  // of a map: the one whose value comes next
  };

  static int line_of(const YAML::Mark& mark) { return mark.line + 1; }

  static void refuse_anchor(YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (anchor != 0)
      throw Refused("YAML anchors are not supported in CloudFormation templates", line_of(mark));
  }

  [[nodiscard]] bool expects_key() const {
    return !levels_.empty() && levels_.back().value.is_map() && !levels_.back().key;
  }

  void take_key(const std::string& key, int line) {
    Level& level = levels_.back();
    if (key == "<<") throw Refused("YAML hash merges are not supported", line);
    if (level.value.find(key) != nullptr) {
      throw Refused(fmt::format("the key '{}' stands there twice", key), line);
    }
    level.key = key;
  }

  void open(Value value, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(anchor, mark);
    if (expects_key()) throw Refused("a key must be a text", line_of(mark));
    if (levels_.size() >= kDeepest)
      throw Refused(fmt::format("nested deeper than {}", kDeepest), line_of(mark));
    levels_.push_back({std::move(value).at_line(line_of(mark)), tag, {}});
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    add(std::move(level.value), level.tag);
  }

  void add(Value value, const std::string& tag) {
    value = tagged(std::move(value), tag);
    if (levels_.empty()) {
      root_ = std::move(value);
      return;
    }
    Level& level = levels_.back();
    if (level.value.is_list()) {
      level.value.items().push_back(std::move(value));
    } else if (level.key) {
      level.value.members().emplace_back(*std::exchange(level.key, {}), std::move(value));
    } else {
      throw Refused("a key must be a text", value.line());
    }
  }

  static Value tagged(Value value, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str") return value;
    const int line = value.line();
    const std::string name = tag.starts_with('!') ? tag.substr(1) : tag;
    if (std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end()) {
      if (name == "GetAtt" && value.is_string()) value = attribute_of(value.text(), line);
      Value::Map call;
      call.emplace_back("Fn::" + name, std::move(value));
      return Value(std::move(call)).at_line(line);
    }
    if (name == "Ref" || name == "Condition") {
      Value::Map call;
      call.emplace_back(name, std::move(value));
      return Value(std::move(call)).at_line(line);
    }
    throw Refused(fmt::format("the tag '{}' is not supported in CloudFormation templates", tag),
                  line);
  }

  std::vector<Level> levels_;
  std::optional<Value> root_;
};

tarn::Error format_error(std::string_view what, int line) {
  return {"ValidationError", fmt::format("Template format error: {} (line {})", what, line), 400};
}

// The line of the first byte that is no UTF-8.
int line_of_other_bytes(std::string_view text) {
  int line = 1;
  for (; !text.empty(); ++line) {
    const std::string_view one = text.substr(0, text.find('\n'));
    if (!wire::is_utf8(one)) break;
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return line;
}

}  // namespace

// yaml-cpp and the builder throw; this is where it ends.
Result<Value> read_document(std::string_view text) {
  // A template in a bucket comes as it is.
  if (!wire::is_utf8(text))
    return format_error("the template is not in UTF-8", line_of_other_bytes(text));
  std::istringstream stream{std::string(text)};
  Builder builder;
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
  } catch (const Refused& refused) {
    return format_error(refused.message, refused.line);
  } catch (const YAML::Exception& error) {
    return format_error(fmt::format("YAML not well-formed: {}", error.msg), error.mark.line + 1);
  }
  if (!builder.root() || !builder.root()->is_map())
    return format_error("the template must be a map of sections", 1);
  return *std::move(builder.root());
}

}  // namespace tarn::cloudformation
