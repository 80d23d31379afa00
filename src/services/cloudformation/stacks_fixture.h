// Stacks in virtual time, of a type of resource that is made here: Test::Thing. For tests.
//
// Place: services/cloudformation, tests only. Threads: the test's.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "services/cloudformation/stacks.h"
#include "sim/failing_files.h"
#include "sim/scheduler.h"

namespace tarn::cloudformation {

// The things that there are, and what they are told to fail at.
struct Things {
  std::map<std::string, Json> there;  // by physical id
  std::vector<std::string> log;       // "create A", "update A 2", "remove A"
  std::string fails;                  // "create A", "update A", "remove A"
  int takes_ms = 10;                  // each order
  int number = 0;
};

// Properties: Name (another name is another thing), Size, Ref, Tags. Its id is "LOGICAL-NUMBER";
// GetAtt has Size and Id.
class ThingType final : public ResourceType {
 public:
  ThingType(Things& things, platform::Clock& clock) : things_(things), clock_(clock) {}

  std::string_view name() const override { return "Test::Thing"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 4> kProperties = {
        {replacing("Name"), {"Size"}, {"Ref"}, {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    std::string id = order.physical_id;
    if (id.empty()) {
      id = fmt::format("{}-{}", order.logical_id, ++things_.number);
      things_.there[id] = order.properties;
      TARN_CO_CHECK(co_await order.progress->begun(id));
    }
    TARN_CO_CHECK(co_await work(order, "create"));
    co_return made(order, id);
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    TARN_CO_CHECK(co_await work(order, "update"));
    things_.there[order.physical_id] = order.properties;
    co_return made(order, order.physical_id);
  }
  Task<Status> remove(ResourceOrder order) const override {
    TARN_CO_CHECK(co_await work(order, "remove"));
    things_.there.erase(order.physical_id);
    co_return Status();
  }

 private:
  [[nodiscard]] Task<Status> work(const ResourceOrder& order, std::string_view verb) const {
    co_await clock_.sleep(std::chrono::milliseconds(things_.takes_ms));
    TARN_CO_CHECK(order.check_going_on());
    const std::string step = fmt::format("{} {}", verb, order.logical_id);
    things_.log.push_back(step);
    if (step == things_.fails) co_return tarn::Error("Failed", fmt::format("cannot {}", step));
    co_return Status();
  }
  static MadeResource made(const ResourceOrder& order, std::string id) {
    MadeResource out{std::move(id), Json::object()};
    out.attributes = {{"Id", out.physical_id}, {"Size", order.properties.value("Size", "0")}};
    return out;
  }

  Things& things_;
  platform::Clock& clock_;
};

class NoProcesses final : public platform::Processes {
 public:
  Result<std::unique_ptr<platform::Process>> spawn(platform::ProcessSpec /*spec*/) override {
    return tarn::Error(code::kNotFound, "no processes here");
  }
};

class NoParameters final : public ParameterSource {
 public:
  Status check(const std::string& /*region*/, std::string_view type,
               std::string_view /*value*/) const override {
    return tarn::Error("ValidationError", fmt::format("there is no {} here", type), 400);
  }
  Result<std::string> read(const std::string& /*region*/, std::string_view name) const override {
    return tarn::Error("ValidationError", fmt::format("there is no {} here", name), 400);
  }
};

inline Task<Result<std::string>> no_part(Caller /*caller*/, std::string url) {
  co_return tarn::Error("ValidationError", fmt::format("there is no {} here", url), 400);
}

class StacksTest : public testing::Test {
 protected:
  StacksTest() {
    static int number = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 fmt::format("tarn-stacks-test-{}-{}", ::getpid(), ++number);
    types_.add(std::make_unique<ThingType>(things_, scheduler_));
    caller_.kind = Caller::Kind::kRoot;
    caller_.account_id = "111122223333";
    caller_.region = "us-west-2";
    caller_.access_key_id = "AKIAROOT";
    caller_.arn = "arn:aws:iam::111122223333:root";
    start_server();
  }
  ~StacksTest() override {
    stop_server();
    std::filesystem::remove_all(directory_);
  }

  void start_server() {
    store_ = std::move(store::open_store(directory_.string())).value();
    credentials_ = std::make_unique<iam::Credentials>(
        *store_, scheduler_, scheduler_, iam::RootKey{"111122223333", "AKIAROOT", "secret"});
    EXPECT_TRUE(credentials_->load().ok());
    roles_ = std::make_unique<iam::Roles>(*store_, managed_);
    EXPECT_TRUE(roles_->load().ok());
    journal_ = std::make_unique<store::Journal>(platform_, *store_);
    macros_ = std::make_unique<Macros>(platform_, *store_, *journal_, calls_, no_part);
    EXPECT_TRUE(macros_->load().ok());
    stacks_ = std::make_unique<Stacks>(Surrounding{platform_, *store_, *journal_,
                                                   Identities{*credentials_, *roles_, authorizer_},
                                                   types_, *macros_, parameters_, calls_});
    EXPECT_TRUE(stacks_->load().ok());
    scheduler_.spawn(resume());
    scheduler_.run();
  }
  // What is under way stays where it is.
  void stop_server() {
    scheduler_.spawn(stacks_->shut_down());
    scheduler_.run_for(std::chrono::seconds(10));
    stacks_.reset();
    macros_.reset();
    journal_.reset();
    roles_.reset();
    credentials_.reset();
    store_.reset();
  }
  void restart_server() {
    stop_server();
    start_server();
  }

  void pass(std::chrono::milliseconds duration) { scheduler_.run_for(duration); }
  // Until what was begun has ended.
  void finish() { pass(std::chrono::seconds(10)); }

  // "" or the error's text.
  std::string create(const std::string& text, ParameterTexts parameters = {}) {
    StackOrder order;
    order.name = "s";
    order.text = text;
    order.parameters = std::move(parameters);
    scheduler_.spawn(create_now(std::move(order)));
    scheduler_.run();
    return said_;
  }
  std::string update(const std::string& text, ParameterTexts parameters = {}) {
    StackChange change = change_to(text);
    change.target.parameters = std::move(parameters);
    return update(std::move(change));
  }
  std::string update(StackChange change) {
    scheduler_.spawn(say(stacks_->update(caller_, stack(), std::move(change), true)));
    scheduler_.run();
    return said_;
  }
  [[nodiscard]] StackChange change_to(const std::string& text) {
    StackChange change;
    change.target = static_cast<const StackState&>(*stack());
    change.target.text = text;
    return change;
  }
  std::string run(Task<Status> task) {
    scheduler_.spawn(say(std::move(task)));
    scheduler_.run();
    return said_;
  }

  [[nodiscard]] std::shared_ptr<StackRecord> stack() {
    if (id_.empty()) id_ = stacks_->find(caller_, "s").value()->id;
    return stacks_->find_by_id(id_);
  }
  [[nodiscard]] std::string status() { return stack()->status; }
  [[nodiscard]] std::string id_of(const std::string& logical_id) {
    const ResourceRecord* found = stack()->find(logical_id);
    return found == nullptr ? "none" : found->physical_id;
  }
  [[nodiscard]] std::string size_of(const std::string& logical_id) {
    return things_.there.at(id_of(logical_id)).value("Size", "none");
  }
  // Since the last time, oldest first: "A UPDATE_COMPLETE"; of the stack itself "s …".
  [[nodiscard]] std::vector<std::string> news() {
    std::vector<std::string> out;
    const auto events = stacks_->events(*stack(), stack()->events, 1000);
    for (auto event = events->rbegin(); event != events->rend(); ++event)
      out.push_back(fmt::format("{} {}", event->name, event->status));
    out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(told_));
    told_ += out.size();
    return out;
  }
  // The ids of all things.
  [[nodiscard]] std::vector<std::string> things() const {
    std::vector<std::string> out;
    for (const auto& [id, properties] : things_.there) out.push_back(id);
    return out;
  }

  Task<void> resume() {
    stacks_->resume();
    co_return;
  }
  Task<void> create_now(StackOrder order) {
    const auto made = co_await stacks_->create(caller_, std::move(order));
    said_ = made.ok() ? "" : made.error().message;
    if (made.ok()) id_ = *made;
  }
  Task<void> say(Task<Status> task) {
    const Status done = co_await std::move(task);
    said_ = done.ok() ? "" : done.error().message;
  }

  Things things_;
  sim::Scheduler scheduler_{7};
  sim::FailingFiles files_{7};
  NoProcesses processes_;
  platform::Platform platform_{scheduler_, scheduler_, scheduler_, files_, processes_};
  iam::ManagedPolicies managed_;
  iam::Authorizer authorizer_{scheduler_};
  NoParameters parameters_;
  gateway::InProcess calls_{authorizer_};
  ResourceTypes types_;
  Caller caller_;
  std::filesystem::path directory_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<iam::Credentials> credentials_;
  std::unique_ptr<iam::Roles> roles_;
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<Macros> macros_;
  std::unique_ptr<Stacks> stacks_;
  std::string id_;
  std::string said_;
  std::size_t told_ = 0;
};

}  // namespace tarn::cloudformation
