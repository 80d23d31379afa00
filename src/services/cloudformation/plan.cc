#include "services/cloudformation/plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/cloudformation/template/references.h"

namespace tarn::cloudformation {
namespace {

// As the API shows values: texts as they are, everything else as JSON.
std::string shown_value(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::optional<std::string> shown_member(const Json& properties, const std::string& name) {
  const auto found = properties.find(name);
  if (found == properties.end()) return std::nullopt;
  return shown_value(*found);
}

bool is_uncertain(const Json& value) {
  return value.dump().find(kKnownLater) != std::string::npos;
}

std::string context_of(const Json& properties) {
  return Json{{"Properties", properties}}.dump();
}

std::string policy_text(Disposal disposal) {
  switch (disposal) {
    case Disposal::kDelete: return "Delete";
    case Disposal::kRetain: return "Retain";
    case Disposal::kSnapshot: return "Snapshot";
    case Disposal::kRetainExceptOnCreate: return "RetainExceptOnCreate";
  }
  return {};
}

// What of a resource's definition changes besides its properties.
void compare_definitions(const ResourceDefinition& old, const ResourceDefinition& wanted,
                         std::vector<ChangeDetail>& details) {
  const auto add = [&](const char* attribute, std::string before, std::string after) {
    if (before == after) return;
    ChangeDetail& detail = details.emplace_back();
    detail.attribute = attribute;
    detail.source = "DirectModification";
    detail.before = std::move(before);
    detail.after = std::move(after);
  };
  add("DeletionPolicy", policy_text(old.on_delete), policy_text(wanted.on_delete));
  add("UpdateReplacePolicy", policy_text(old.on_replace), policy_text(wanted.on_replace));
  add("Metadata", old.metadata ? to_json(*old.metadata).dump() : "",
      wanted.metadata ? to_json(*wanted.metadata).dump() : "");
}

const Property* find_property(const ResourceType& type, std::string_view name) {
  const auto all = type.properties();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

// The stack as it will be: what is new has no ids yet.
class Plan::Preview final : public Surroundings {
 public:
  Preview(const Plan& plan, const Surroundings& world) : plan_(plan), world_(world) {}

  Result<Value> physical_id(std::string_view resource) const override {
    if (fate(resource) == Fate::kNew) return Value(kKnownLater);
    return Value(plan_.now_.find(resource)->physical_id);
  }
  Result<Value> attribute(std::string_view resource, std::string_view attribute) const override {
    if (fate(resource) == Fate::kNew) return Value(kKnownLater);
    const ResourceRecord& there = *plan_.now_.find(resource);
    const ResourceType* type = plan_.types_.find(there.type);
    if (fate(resource) == Fate::kChanged && type != nullptr && type->always_updates())
      return Value(kKnownLater);
    return world_.attribute(resource, attribute);
  }
  Result<Value> import(std::string_view name) const override { return world_.import(name); }
  Result<Value> zones(std::string_view region) const override { return world_.zones(region); }
  Status check(std::string_view type, std::string_view value) const override {
    return world_.check(type, value);
  }
  Result<std::string> read(std::string_view name) const override { return world_.read(name); }

 private:
  [[nodiscard]] Fate fate(std::string_view resource) const {
    const auto found = plan_.fates_.find(resource);
    const ResourceRecord* there = plan_.now_.find(resource);
    if (there == nullptr || !there->is_there()) return Fate::kNew;
    return found == plan_.fates_.end() ? Fate::kKept : found->second;
  }

  const Plan& plan_;
  const Surroundings& world_;
};

Plan::Plan(const StackRecord& now, const StackRecord& target, const ResourceTypes& types)
    : now_(now), target_(target), types_(types) {}

Plan::~Plan() = default;

Result<std::unique_ptr<Plan>> Plan::draw(const StackRecord& now, const StackRecord& target,
                                         const ResourceTypes& types, const Surroundings& world) {
  auto out = std::make_unique<Plan>(now, target, types);
  out->preview_ = std::make_unique<Preview>(*out, world);
  TARN_TRY(out->blueprint_, Blueprint::draw(target, types, *out->preview_));
  if (!now.text.empty()) {
    // The old one was read when it was applied.
    auto old = parse_template(now.text, now.parameters);
    if (old.ok()) out->old_ = std::move(*old);
  }
  TARN_CHECK(out->find_changes());
  out->find_removals();
  out->changes_outputs_ = out->outputs_change();
  return out;
}

Status Plan::find_changes() {
  const Dependencies& dependencies = blueprint_->dependencies();
  std::set<std::string, std::less<>> done;
  while (done.size() < dependencies.size()) {
    for (const ResourceDefinition& wanted : blueprint_->of().resources) {
      const auto needs = dependencies.find(wanted.name);
      if (needs == dependencies.end() || done.contains(wanted.name)) continue;
      const auto is_done = [&](const std::string& each) {
        return done.contains(each);
      };
      if (!std::all_of(needs->second.begin(), needs->second.end(), is_done)) continue;
      TARN_CHECK(take(wanted));
      done.insert(wanted.name);
    }
  }
  return {};
}

Status Plan::check_type(const ResourceDefinition& wanted) const {
  const ResourceRecord* there = now_.find(wanted.name);
  if (there == nullptr || !there->is_there() || there->type == wanted.type) return {};
  return tarn::Error("ValidationError",
                     fmt::format("Update of resource type is not permitted. The new template "
                                 "modifies resource type of the following resources: [{}]",
                                 wanted.name),
                     400);
}

Status Plan::take(const ResourceDefinition& wanted) {
  TARN_CHECK(check_type(wanted));
  const auto value = evaluate(wanted.properties, blueprint_->names());
  // A function of what is not known yet may not take the place of it.
  if (!value.ok() && !depends_on_news(wanted.properties)) return value.error();
  Result<Json> properties = Json::object();
  if (value.ok()) {
    properties = wire::parse_json(to_json(*value).dump());
  } else {
    properties = value.error();
  }
  const ResourceRecord* there = now_.find(wanted.name);
  if (there != nullptr && there->is_there()) {
    compare(wanted, *there, properties);
    return {};
  }
  PlannedChange& change = changes_.emplace_back();
  change.action = "Add";
  change.name = wanted.name;
  change.type = wanted.type;
  change.after = properties.ok() ? context_of(*properties) : "";
  fates_[wanted.name] = Fate::kNew;
  return {};
}

bool Plan::depends_on_news(const Value& value) const {
  const auto references = references_of(value);
  if (!references.ok()) return false;
  return std::any_of(references->begin(), references->end(), [&](const Reference& each) {
    const auto fate = fates_.find(each.name);
    return each.kind != Reference::Kind::kCondition && fate != fates_.end() &&
           fate->second != Fate::kKept;
  });
}

std::vector<ChangeDetail> Plan::changed_properties(const ResourceDefinition& wanted,
                                                   const Json& before,
                                                   const Result<Json>& after) const {
  const ResourceType& type = *types_.find(wanted.type);
  std::set<std::string> names;
  for (const auto& [name, value] : before.items()) names.insert(name);
  if (after.ok()) {
    for (const auto& [name, value] : after->items()) names.insert(name);
  }
  std::vector<ChangeDetail> out;
  for (const std::string& name : names) {
    if (after.ok() && !differs(before, *after, name)) continue;
    ChangeDetail& detail = out.emplace_back();
    detail.property = name;
    if (name == "Tags") detail.attribute = "Tags";
    detail.before = shown_member(before, name);
    if (after.ok()) detail.after = shown_member(*after, name);
    const bool uncertain = !after.ok() || is_uncertain(after->value(name, Json()));
    if (uncertain) detail.evaluation = "Dynamic";
    const Property* property = find_property(type, name);
    if (property != nullptr && property->on_change == OnChange::kReplaces)
      detail.recreation = uncertain ? "Conditionally" : "Always";
    explain(wanted, detail);
  }
  return out;
}

void Plan::compare(const ResourceDefinition& wanted, const ResourceRecord& there,
                   const Result<Json>& properties) {
  const ResourceType& type = *types_.find(wanted.type);
  PlannedChange change;
  change.details = changed_properties(wanted, there.properties, properties);
  const bool uncertain = std::any_of(change.details.begin(), change.details.end(),
                                     [](auto& each) { return each.recreation == "Conditionally"; });
  const bool has_tags = std::any_of(change.details.begin(), change.details.end(),
                                    [](auto& each) { return each.attribute == "Tags"; });
  ChangeDetail whole;
  if (find_property(type, "Tags") != nullptr && there.tags != target_.tags && !has_tags) {
    whole.attribute = "Tags";
    whole.source = "DirectModification";
    change.details.push_back(whole);
  } else if (change.details.empty() && type.always_updates()) {
    whole.evaluation = "Dynamic";
    whole.source = "Automatic";
    change.details.push_back(whole);
  }
  const ResourceDefinition* old = old_ ? old_->find_resource(wanted.name) : nullptr;
  if (old != nullptr) compare_definitions(*old, wanted, change.details);
  if (change.details.empty() && there.status != status::kUpdateFailed) return;
  const bool replaces = !properties.ok() || type.replaces(there.properties, *properties);
  change.action = "Modify";
  change.name = wanted.name;
  change.type = wanted.type;
  change.physical_id = there.physical_id;
  change.replacement = replaces ? "True" : "False";
  if (replaces && (uncertain || !properties.ok())) change.replacement = "Conditional";
  change.before = context_of(there.properties);
  if (properties.ok()) change.after = context_of(*properties);
  fates_[wanted.name] = replaces ? Fate::kNew : Fate::kChanged;
  changes_.push_back(std::move(change));
}

// Why a property has another value.
void Plan::explain(const ResourceDefinition& wanted, ChangeDetail& detail) const {
  const Value* is = wanted.properties.find(detail.property);
  const ResourceDefinition* definition = old_ ? old_->find_resource(wanted.name) : nullptr;
  const Value* was = definition == nullptr ? nullptr : definition->properties.find(detail.property);
  detail.source = "DirectModification";
  if (is == nullptr || was == nullptr || !(*is == *was)) return;
  const auto references = references_of(*is);
  if (!references.ok()) return;
  for (const Reference& each : *references) {
    if (each.kind == Reference::Kind::kCondition) continue;
    const auto fate = fates_.find(each.name);
    if (blueprint_->of().find_parameter(each.name) != nullptr) {
      detail.source = "ParameterReference";
    } else if (fate != fates_.end() && fate->second != Fate::kKept) {
      detail.source =
          each.kind == Reference::Kind::kRef ? "ResourceReference" : "ResourceAttribute";
    } else {
      continue;
    }
    detail.cause = each.name;
    return;
  }
}

void Plan::find_removals() {
  for (const ResourceRecord& there : now_.resources) {
    if (!there.is_there() || blueprint_->dependencies().contains(there.name)) continue;
    PlannedChange& change = changes_.emplace_back();
    change.action = "Remove";
    change.name = there.name;
    change.type = there.type;
    change.physical_id = there.physical_id;
    change.before = context_of(there.properties);
  }
}

bool Plan::outputs_change() const {
  const auto outputs = blueprint_->outputs();
  // What cannot be told yet changes.
  if (!outputs.ok() || outputs->size() != now_.outputs.size()) return true;
  return !std::equal(outputs->begin(), outputs->end(), now_.outputs.begin(),
                     [](const OutputRecord& one, const OutputRecord& other) {
                       return one.key == other.key && one.value == other.value &&
                              one.description == other.description &&
                              one.export_name == other.export_name;
                     });
}

}  // namespace tarn::cloudformation
