#include "services/cloudformation/macros.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "services/cloudformation/template/read.h"
#include "services/cloudformation/template/template.h"
#include "wire/encoding.h"
#include "wire/stored_json.h"

namespace tarn::cloudformation {

// What every macro of a template is told.
struct Macros::Run {
  Caller caller;
  nlohmann::ordered_json parameters;  // values by name
};

namespace {

constexpr char kMacroVersion = '1';
constexpr std::string_view kMacroPrefix = "m/";
constexpr std::string_view kInclude = "AWS::Include";
constexpr std::string_view kLanguageExtensions = "AWS::LanguageExtensions";
constexpr std::string_view kTransform = "Fn::Transform";
constexpr std::size_t kToldLogLines = 5;  // of a macro that failed

tarn::Error invalid_macro(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

std::string macro_place(std::string_view account, std::string_view region, std::string_view name) {
  return fmt::format("{}/{}/{}", account, region, name);
}

// A transform as a section or a function names it: a text, or Name with Parameters.
struct Transform {
  std::string name;
  Value parameters = Value(Value::Map{});
};

Result<Transform> transform_of(const Value& given) {
  if (given.is_string()) return Transform{given.text()};
  const Value* name = given.find("Name");
  if (!given.is_map() || name == nullptr || !name->is_string()) {
    return invalid_macro(fmt::format(
        "Template format error: a transform is the name of a macro, or a map with Name and "
        "Parameters (line {})",
        given.line()));
  }
  Transform out{name->text()};
  if (const Value* parameters = given.find("Parameters")) out.parameters = *parameters;
  return out;
}

Result<std::vector<Transform>> section_of(const Value& document) {
  std::vector<Transform> out;
  const Value* section = document.find("Transform");
  if (section == nullptr) return out;
  if (!section->is_list()) {
    TARN_TRY(Transform only, transform_of(*section));
    out.push_back(std::move(only));
    return out;
  }
  for (const Value& each : section->items()) {
    TARN_TRY(Transform next, transform_of(each));
    out.push_back(std::move(next));
  }
  return out;
}

bool has_function(const Value& value) {
  if (value.find(kTransform) != nullptr) return true;
  const auto in_member = [](const Value::Member& each) {
    return has_function(each.second);
  };
  return std::any_of(value.items().begin(), value.items().end(), has_function) ||
         std::any_of(value.members().begin(), value.members().end(), in_member);
}

// Names of all transforms in functions.
Status collect(const Value& value, std::vector<std::string>& out) {
  if (const Value* given = value.find(kTransform)) {
    TARN_TRY(Transform each, transform_of(*given));
    out.push_back(std::move(each.name));
  }
  for (const Value& item : value.items()) TARN_CHECK(collect(item, out));
  for (const auto& [name, member] : value.members()) TARN_CHECK(collect(member, out));
  return {};
}

// The parameters alone, of a template that cannot be read as a whole yet.
Result<Template> parameters_of(const Value& document) {
  Value::Map only;
  if (const Value* parameters = document.find("Parameters"))
    only.emplace_back("Parameters", *parameters);
  only.emplace_back(
      "Resources",
      Value(Value::Map{{"None", Value(Value::Map{{"Type", Value("AWS::CloudFormation::None")}})}}));
  return check_template(Value(std::move(only)));
}

Value without(const Value& map, std::string_view name) {
  Value::Map out;
  for (const Value::Member& each : map.members()) {
    if (each.first != name) out.push_back(each);
  }
  return Value(std::move(out));
}

// The last lines of a call's log, for who looks for the cause.
std::string last_lines(const Json& answer) {
  const std::string log = wire::from_base64(answer.value("X-Amz-Log-Result", "")).value_or("");
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const std::string line = log.substr(at, end - at);
    const bool is_own = line.starts_with("START RequestId") || line.starts_with("END RequestId") ||
                        line.starts_with("REPORT RequestId");
    if (!line.empty() && !is_own) lines.push_back(line);
    at = end + 1;
  }
  std::string out;
  const std::size_t first = lines.size() > kToldLogLines ? lines.size() - kToldLogLines : 0;
  for (std::size_t i = first; i < lines.size(); ++i) out += (out.empty() ? "" : " | ") + lines[i];
  return out;
}

tarn::Error failed(const std::string& id, const std::string& why, const Json& answer) {
  const std::string log = last_lines(answer);
  return invalid_macro(fmt::format("Transform {} failed with: {}{}{}", id, why,
                                   log.empty() ? "" : " Its log ends with: ", log));
}

bool is_success(std::string status) {
  std::transform(status.begin(), status.end(), status.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return status == "success";
}

// The fragment that a macro answered with.
Result<Value> fragment_of(const std::string& id, const std::string& request_id,
                          const Json& answer) {
  const std::string payload = wire::from_base64(answer.value("Payload", "")).value_or("");
  const auto said = wire::parse_ordered_json(payload);
  const auto text = [&said](const char* name) {
    const auto found = said.find(name);
    return found != said.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (answer.contains("X-Amz-Function-Error")) {
    const std::string why = text("errorMessage");
    return failed(id, why.empty() ? payload : why, answer);
  }
  if (!said.is_object() || text("requestId") != request_id || !said.contains("status")) {
    return failed(id,
                  "its answer is not a map with the requestId of the event, status and fragment.",
                  answer);
  }
  if (!is_success(text("status"))) {
    const std::string why = text("errorMessage");
    return failed(id, why.empty() ? "no errorMessage" : why, answer);
  }
  const auto fragment = said.find("fragment");
  if (fragment == said.end()) return failed(id, "its answer has no fragment.", answer);
  return from_json(*fragment);
}

}  // namespace

bool needs_expansion(std::string_view text) {
  const auto document = read_document(text);
  if (!document.ok()) return false;
  const auto section = section_of(*document);
  if (!section.ok()) return false;
  const bool is_named = std::any_of(section->begin(), section->end(), [](const Transform& each) {
    return each.name != kLanguageExtensions;
  });
  return is_named || has_function(*document);
}

std::string encode(const MacroRecord& macro) {
  const Json value = {{"name", macro.name},
                      {"account", macro.account_id},
                      {"region", macro.region},
                      {"function", macro.function},
                      {"description", macro.description},
                      {"log_group", macro.log_group},
                      {"log_role", macro.log_role_arn}};
  return wire::to_record(kMacroVersion, value);
}

Result<MacroRecord> decode_macro(std::string_view record) {
  TARN_TRY(const Json value, wire::from_record(kMacroVersion, record, "a macro"));
  return MacroRecord{value.value("name", ""),        value.value("account", ""),
                     value.value("region", ""),      value.value("function", ""),
                     value.value("description", ""), value.value("log_group", ""),
                     value.value("log_role", "")};
}

Status Macros::load() {
  TARN_TRY(const auto records, store_.scan(store::Space::kCloudFormation, kMacroPrefix));
  for (const auto& [key, record] : records) {
    TARN_TRY(MacroRecord macro, decode_macro(record));
    std::string place = macro_place(macro.account_id, macro.region, macro.name);
    macros_.emplace(std::move(place), std::move(macro));
  }
  return {};
}

const MacroRecord* Macros::find(const Caller& caller, std::string_view name) const {
  const auto found = macros_.find(macro_place(caller.account_id, caller.region, name));
  return found == macros_.end() ? nullptr : &found->second;
}

Task<Status> Macros::add(MacroRecord macro, bool replaces) {
  const std::string place = macro_place(macro.account_id, macro.region, macro.name);
  if (macros_.contains(place) && !replaces)
    co_return invalid_macro(fmt::format("{} already exists", macro.name));
  store::Batch batch;
  batch.put(store::Space::kCloudFormation, std::string(kMacroPrefix) + place, encode(macro));
  TARN_CO_CHECK(co_await journal_.commit(std::move(batch)));
  macros_[place] = std::move(macro);
  co_return Status();
}

Task<Status> Macros::remove(const Caller& caller, std::string name) {
  const std::string place = macro_place(caller.account_id, caller.region, name);
  store::Batch batch;
  batch.remove(store::Space::kCloudFormation, std::string(kMacroPrefix) + place);
  TARN_CO_CHECK(co_await journal_.commit(std::move(batch)));
  macros_.erase(place);
  co_return Status();
}

Status Macros::check(const Caller& caller, std::string_view text, const ParameterTexts& given,
                     const ParameterLookup& lookup) const {
  TARN_TRY(const Value document, read_document(text));
  TARN_TRY(const std::vector<Transform> section, section_of(document));
  std::vector<std::string> names;
  for (const Transform& each : section) names.push_back(each.name);
  TARN_CHECK(collect(document, names));
  for (const std::string& name : names) {
    if (name == kInclude || name == kLanguageExtensions) continue;
    if (name.starts_with("AWS::")) {
      return tarn::Error("NotImplemented", fmt::format("The transform {} is not offered.", name),
                         501);
    }
    if (find(caller, name) == nullptr) {
      return invalid_macro(fmt::format(
          "No transform named {}::{} found. Deploy its AWS::CloudFormation::Macro first.",
          caller.account_id, name));
    }
  }
  TARN_TRY(const Template read, parameters_of(document));
  TARN_TRY([[maybe_unused]] const ParameterValues values, resolve_parameters(read, given, lookup));
  return {};
}

Task<Result<std::string>> Macros::expand(Caller caller, std::string text, ParameterTexts given,
                                         const ParameterLookup& lookup) const {
  TARN_CO_TRY(Value document, read_document(text));
  TARN_CO_TRY(const Template read, parameters_of(document));
  TARN_CO_TRY(const ParameterValues values, resolve_parameters(read, given, lookup));
  Run run{std::move(caller), nlohmann::ordered_json::object()};
  for (const auto& [name, value] : values) run.parameters[name] = to_json(value);
  TARN_CO_TRY(document, co_await walk(run, std::move(document)));
  TARN_CO_TRY(document, co_await apply_sections(run, std::move(document)));
  if (has_function(document)) {
    co_return invalid_macro(
        "What a macro made has Fn::Transform in it: macros cannot call one another.");
  }
  co_return to_json(document).dump();
}

Task<Result<Value>> Macros::apply_sections(const Run& run, Value document) const {
  TARN_CO_TRY(const std::vector<Transform> section, section_of(document));
  bool extends = false;
  document = without(document, "Transform");
  for (const Transform& each : section) {
    if (each.name == kLanguageExtensions) {
      extends = true;
      continue;
    }
    std::string name = each.name;
    Value parameters = each.parameters;
    TARN_CO_TRY(document,
                co_await apply(run, std::move(name), std::move(parameters), std::move(document)));
  }
  if (extends) document.set("Transform", Value(kLanguageExtensions));
  co_return document;
}

// Deepest first: what is below, then the function beside it.
Task<Result<Value>> Macros::walk(const Run& run, Value value) const {
  if (!has_function(value)) co_return value;
  TARN_CO_TRY(value, co_await walk_members(run, std::move(value)));
  const Value* given = value.find(kTransform);
  if (given == nullptr) co_return value;
  TARN_CO_TRY(Transform transform, transform_of(*given));
  Value fragment = without(value, kTransform);
  std::string name = std::move(transform.name);
  Value parameters = std::move(transform.parameters);
  co_return co_await apply(run, std::move(name), std::move(parameters), std::move(fragment));
}

Task<Result<Value>> Macros::walk_members(const Run& run, Value value) const {
  for (Value& item : value.items()) {
    Value below = std::move(item);
    TARN_CO_TRY(item, co_await walk(run, std::move(below)));
  }
  for (auto& [name, member] : value.members()) {
    if (name == kTransform) continue;  // its parameters are told as they are written
    Value below = std::move(member);
    TARN_CO_TRY(member, co_await walk(run, std::move(below)));
  }
  co_return value;
}

Task<Result<Value>> Macros::apply(const Run& run, std::string name, Value parameters,
                                  Value fragment) const {
  if (name == kInclude) co_return co_await include(run, std::move(parameters), std::move(fragment));
  const MacroRecord* macro = find(run.caller, name);
  if (macro == nullptr) {
    co_return invalid_macro(
        fmt::format("No transform named {}::{} found.", run.caller.account_id, name));
  }
  MacroRecord found = *macro;
  co_return co_await call(run, std::move(found), std::move(parameters), std::move(fragment));
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-include.html
Task<Result<Value>> Macros::include(const Run& run, Value parameters, Value fragment) const {
  const Value* location = parameters.find("Location");
  std::optional<std::string> url;
  if (location != nullptr && location->is_string()) url = location->text();
  const Value* named = location == nullptr ? nullptr : location->find("Ref");
  if (named != nullptr && run.parameters.contains(named->text()))
    url = run.parameters[named->text()].get<std::string>();
  if (!url) {
    co_return invalid_macro(
        "Transform AWS::Include failed with: Location must be the S3 URL of a template part.");
  }
  auto text = co_await read_part_(run.caller, *std::move(url));
  if (!text.ok()) {
    co_return invalid_macro("Transform AWS::Include failed with: " + text.error().message);
  }
  TARN_CO_TRY(const Value part, read_document(*text));
  if (!part.is_map()) co_return part;
  for (const auto& [name, value] : part.members()) fragment.set(name, value);
  co_return fragment;
}

Task<Result<Value>> Macros::call(const Run& run, MacroRecord macro, Value parameters,
                                 Value fragment) const {
  const std::string id = fmt::format("{}::{}", run.caller.account_id, macro.name);
  const std::string request_id = platform_.random.uuid();
  const nlohmann::ordered_json event = {{"region", run.caller.region},
                                        {"accountId", run.caller.account_id},
                                        {"fragment", to_json(fragment)},
                                        {"transformId", id},
                                        {"params", to_json(parameters)},
                                        {"requestId", request_id},
                                        {"templateParameterValues", run.parameters}};
  Json input = {{"FunctionName", macro.function},
                {"X-Amz-Log-Type", "Tail"},
                {"Payload", wire::to_base64(event.dump())}};
  Caller caller = run.caller;
  auto answer = co_await calls_.call("lambda:Invoke", std::move(caller), std::move(input));
  if (!answer.ok())
    co_return invalid_macro(
        fmt::format("Transform {} failed with: {}", id, answer.error().message));
  co_return fragment_of(id, request_id, *answer);
}

namespace {

class MacroType final : public ResourceType {
 public:
  explicit MacroType(Macros& macros) : macros_(macros) {}

  std::string_view name() const override { return "AWS::CloudFormation::Macro"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 5> kProperties = {{replacing("Name", true),
                                                             {"FunctionName", true},
                                                             {"Description"},
                                                             {"LogGroupName"},
                                                             {"LogRoleARN"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    MacroRecord macro = record_of(order);
    TARN_CO_CHECK(co_await macros_.add(std::move(macro), order.is_repeated));
    co_return MadeResource{order.properties["Name"].get<std::string>(), Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    MacroRecord macro = record_of(order);
    TARN_CO_CHECK(co_await macros_.add(std::move(macro), true));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    std::string name = order.physical_id;
    co_return co_await macros_.remove(order.caller, std::move(name));
  }

 private:
  static MacroRecord record_of(const ResourceOrder& order) {
    const Json& properties = order.properties;
    return {properties["Name"].get<std::string>(),
            order.caller.account_id,
            order.caller.region,
            properties["FunctionName"].get<std::string>(),
            properties.value("Description", ""),
            properties.value("LogGroupName", ""),
            properties.value("LogRoleARN", "")};
  }

  Macros& macros_;
};

}  // namespace

std::unique_ptr<ResourceType> macro_type(Macros& macros) {
  return std::make_unique<MacroType>(macros);
}

}  // namespace tarn::cloudformation
