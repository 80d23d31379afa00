// A machine for clusters in virtual time: processes that are scripted, a master's page that follows
// them, logs in memory. For tests.
//
// Place: services/emr, tests only. Threads: the test's.
#pragma once

#include <algorithm>
#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "services/emr/clusters.h"
#include "services/emr/instance_types.h"
#include "services/emr/members.h"
#include "sim/failing_files.h"
#include "sim/scheduler.h"
#include "wire/json_value.h"

namespace tarn::emr {

// What a scripted process is and how it ended.
struct Script {
  std::string name;     // "master", "worker", "tarn_cluster.session", or the folder of what it runs
  std::string address;  // of a master or worker
  std::string application;  // of Spark's, that a driver is
  bool decommissioned = false;
  bool stubborn = false;  // SIGTERM does not end it
  std::vector<int> signals;
  std::optional<platform::ExitStatus> end;
  platform::Completion<platform::ExitStatus> ended;
  std::deque<std::string> said;  // lines that nobody has read
  std::shared_ptr<platform::Completion<bool>> more = std::make_shared<platform::Completion<bool>>();

  void finish(platform::ExitStatus status) {
    if (end) return;
    end = status;
    ended.set(status);
    more->set(true);
  }
  void say(std::string line) {
    said.push_back(std::move(line));
    const auto told = std::exchange(more, std::make_shared<platform::Completion<bool>>());
    told->set(true);
  }
  // As node/tarn_cluster/session.py does: a statement `wait` runs until answer().
  void hear(const std::string& line) {
    const auto command = wire::parse_json(line);
    const std::string op = command["op"];
    if (op == "start") say(fmt::format(R"({{"event":"ready","app_id":"{}"}})", application));
    if (op == "execute" && command["code"] != "wait") answer(command["id"]);
    if (op == "stop") finish({});
  }
  void answer(int statement) {
    say(fmt::format(R"({{"event":"result","id":{},"output":{{"status":"ok"}}}})", statement));
  }
  void take(int number) {
    signals.push_back(number);
    if (number == SIGKILL || !stubborn) finish({.signal = number});
  }
};

class ScriptedProcess final : public platform::Process {
 public:
  explicit ScriptedProcess(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  ScriptedProcess(const ScriptedProcess&) = delete;
  ScriptedProcess& operator=(const ScriptedProcess&) = delete;
  ~ScriptedProcess() override { script_->take(SIGKILL); }

  [[nodiscard]] int pid() const override { return 1; }
  void signal(int number) override { script_->take(number); }
  void signal_group(int number) override { script_->take(number); }
  [[nodiscard]] Task<platform::ExitStatus> wait() override { co_return co_await script_->ended; }
  [[nodiscard]] std::optional<platform::ExitStatus> exited() const override { return script_->end; }
  // What a run is told is to end.
  Task<Status> write(std::string line) override {
    if (script_->application.empty()) {
      script_->take(SIGTERM);
    } else {
      script_->hear(line);
    }
    co_return Status();
  }
  Task<Result<std::optional<std::string>>> read_line(std::size_t) override {
    while (script_->said.empty()) {
      if (script_->end || script_->application.empty()) co_return std::optional<std::string>();
      const auto more = script_->more;
      co_await *more;
    }
    std::optional<std::string> line = std::move(script_->said.front());
    script_->said.pop_front();
    co_return line;
  }

 private:
  std::shared_ptr<Script> script_;
};

inline InstanceTypes read_types() {
  std::ifstream file(TARN_INSTANCE_TYPES);
  std::stringstream text;
  text << file.rdbuf();
  return InstanceTypes::parse(text.str()).value();
}

inline constexpr const char* kDriver = "tarn_cluster.session";

class OpenDoors final : public gateway::Doors {
 public:
  Status open(const std::string& address, std::uint16_t port, std::string place) override {
    places[fmt::format("{}:{}", address, port)] = std::move(place);
    return {};
  }
  void close(const std::string& address, std::uint16_t port) override {
    places.erase(fmt::format("{}:{}", address, port));
  }
  std::map<std::string, std::string> places;
};

// Of one cluster at a time.
class Machine final : public platform::Processes, public platform::Network {
 public:
  Result<std::unique_ptr<platform::Process>> spawn(platform::ProcessSpec spec) override {
    auto script = std::make_shared<Script>();
    script->name = name_of(spec);
    script->address = spec.environment["SPARK_LOCAL_IP"];
    script->stubborn = stubborn;
    if (script->name == kDriver) script->application = fmt::format("app-{}", started.size());
    started.push_back(script);
    std::unique_ptr<platform::Process> process = std::make_unique<ScriptedProcess>(script);
    return process;
  }

  Result<std::string> get(const std::string& address, std::uint16_t port, const std::string& path,
                          std::chrono::milliseconds) override {
    if (!answers || alive("master") == 0) return Error(code::kIo, "connection refused");
    if (port == 8081) return worker_page(address);
    if (port == 4040) return application_page(path);
    std::string workers;
    for (const auto& script : started) {
      if (script->end || !is(*script, "worker") || !registers) continue;
      workers +=
          fmt::format(R"({}{{"host":"{}","state":"{}","cores":2}})", workers.empty() ? "" : ",",
                      script->address, script->decommissioned ? "DECOMMISSIONED" : "ALIVE");
    }
    for (const std::string& host : elsewhere) {
      const bool gone = std::find(decommissioned_addresses.begin(), decommissioned_addresses.end(),
                                  host) != decommissioned_addresses.end();
      workers += fmt::format(R"({}{{"host":"{}","state":"{}","cores":2}})",
                             workers.empty() ? "" : ",", host, gone ? "DECOMMISSIONED" : "ALIVE");
    }
    nlohmann::json active = nlohmann::json::array();
    if (applications > 0) active.push_back({{"id", "app-1"}});
    for (const auto& script : started) {
      if (!script->end && !script->application.empty()) {
        active.push_back({{"id", script->application}});
      }
    }
    return fmt::format(R"({{"status":"ALIVE","workers":[{}],"activeapps":{}}})", workers,
                       active.dump());
  }

  Result<platform::Page> fetch(const std::string& address, std::uint16_t port,
                               const platform::Question& question,
                               std::chrono::milliseconds patience) override {
    TARN_TRY(std::string content, get(address, port, question.path, patience));
    platform::Page page;
    page.status = 200;
    page.content = std::move(content);
    return page;
  }

  Result<platform::Page> call(const std::string&, std::uint16_t, const platform::PageRequest&,
                              std::chrono::milliseconds) override {
    return Error(code::kIo, "connection refused");
  }

  // Of the master: decommission the workers at an address.
  Result<std::string> post(const std::string&, std::uint16_t, const std::string& path,
                           std::chrono::milliseconds) override {
    decommissioned_addresses.push_back(path.substr(path.find('=') + 1));
    for (const auto& script : started) {
      if (!script->end && path.ends_with("?host=" + script->address)) script->decommissioned = true;
    }
    return std::string();
  }

  [[nodiscard]] std::size_t alive(std::string_view name) const {
    return static_cast<std::size_t>(
        std::count_if(started.begin(), started.end(),
                      [&](const auto& script) { return !script->end && is(*script, name); }));
  }
  [[nodiscard]] std::size_t alive() const { return alive(""); }
  [[nodiscard]] std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(
        started.begin(), started.end(), [&](const auto& script) { return is(*script, name); }));
  }
  // The newest of that name, or whose folder ends so.
  [[nodiscard]] Script& find(std::string_view name) {
    for (auto it = started.rbegin(); it != started.rend(); ++it) {
      if (is(**it, name)) return **it;
    }
    ADD_FAILURE() << "nothing was started as " << name;
    return *started.front();
  }

  bool answers = true;
  bool registers = true;
  bool busy = false;      // executors of decommissioned workers have tasks
  int tasks = 0;          // of the application
  bool stubborn = false;  // what is started from now on
  int applications = 0;
  std::vector<std::shared_ptr<Script>> started;
  std::vector<std::string> elsewhere;  // addresses of hosts whose workers register
  std::vector<std::string> decommissioned_addresses;

 private:
  static std::string name_of(const platform::ProcessSpec& spec) {
    const auto& words = spec.arguments;
    const bool worker = std::find(words.begin(), words.end(), "worker") != words.end();
    return worker ? "worker" : words.back();
  }
  Result<std::string> worker_page(const std::string& address) const {
    for (const auto& script : started) {
      if (script->end || script->address != address || !is(*script, "worker")) continue;
      const bool runs = applications > 0 && (busy || !script->decommissioned);
      return std::string(runs ? R"({"executors":[{}]})" : R"({"executors":[]})");
    }
    if (std::find(elsewhere.begin(), elsewhere.end(), address) != elsewhere.end()) {
      return std::string(applications > 0 && busy ? R"({"executors":[{}]})"
                                                  : R"({"executors":[]})");
    }
    return Error(code::kIo, "connection refused");
  }
  Result<std::string> application_page(const std::string& path) const {
    if (path.ends_with("applications")) return std::string(R"([{"id":"app-1"}])");
    return fmt::format(R"([{{"numTasks":{},"numCompleteTasks":10}}])", tasks + 10);
  }
  static bool is(const Script& script, std::string_view name) {
    return script.name.ends_with(name);
  }
};

class MemoryLogs final : public Logs {
 public:
  Task<Status> put(std::string uri, std::string content, s3::EncryptionRequest) override {
    objects[uri] = std::move(content);
    co_return Status();
  }
  Task<Result<std::string>> get(std::string uri) override {
    co_return gunzip(objects[uri], kMostLogBytes);
  }
  std::map<std::string, std::string> objects;
};

class EmrTest : public testing::Test {
 protected:
  EmrTest() {
    static int number = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 fmt::format("tarn-emr-test-{}-{}", ::getpid(), ++number);
    options_.data_directory = "/emr";
    options_.history_directory = "/emr-history";
    options_.host = {2, 16384};
    options_.spark.python = "/python";
    options_.spark.java_home = "/java";
    options_.spark.driver_directory = "/share";
    for (const char* program : {"/python", "/java/bin/java", "/share/tarn_session/__main__.py"}) {
      const std::string path = program;
      EXPECT_TRUE(files_.make_directories(path.substr(0, path.rfind('/'))).ok());
      EXPECT_TRUE(files_.write_atomically(path, "", 0644).ok());
    }
    caller_.kind = Caller::Kind::kRoot;
    caller_.account_id = "111122223333";
    caller_.region = "us-west-2";
    start_server();
  }
  ~EmrTest() override {
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
    hosts_ = std::make_unique<Hosts>(scheduler_);
    journal_ = std::make_unique<store::Journal>(platform_, *store_);
    clusters_ = std::make_unique<Clusters>(
        Surroundings{platform_, machine_, *journal_, *credentials_, *roles_, sandboxes_, logs_,
                     doors_, warm_drivers_, options_, types_, market_, *hosts_},
        *store_);
    EXPECT_TRUE(clusters_->load().ok());
    clusters_->start();
  }

  void stop_server() {
    scheduler_.spawn(clusters_->shut_down());
    pass(std::chrono::seconds(30));
    EXPECT_EQ(machine_.alive(), 0U);
    clusters_.reset();
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

  // Of the store's log: grows with every record.
  [[nodiscard]] std::uintmax_t bytes_written() const {
    std::uintmax_t out = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory_)) {
      if (file.path().extension() == ".log") out += file.file_size();
    }
    return out;
  }

  ClusterRecord record() {
    ClusterRecord out;
    out.id = new_id(scheduler_, "j");
    out.account = caller_.account_id;
    out.region = caller_.region;
    out.created = scheduler_.now();
    out.address = clusters_->free_address();
    out.keep_alive = true;
    out.request.name = "a test's";
    out.request.log_uri = "s3://logs";
    out.granted = {2, 4096};
    InstanceGroupConfig& primary = out.request.instances.instance_groups.emplace().emplace_back();
    primary.instance_role = "MASTER";
    primary.instance_type = "m5.xlarge";
    primary.instance_count = 1;
    add_members(out);
    out.access_key_id =
        credentials_->issue_session(credentials_->root(), livy::kCredentialLife)->access_key_id;
    return out;
  }

  // The instances that the request's groups or fleets come to.
  void add_members(ClusterRecord& cluster) {
    cluster.collections.clear();
    cluster.members.clear();
    const Supply supply{scheduler_, types_, market_, scheduler_.now()};
    const Status added = emr::add_members(supply, cluster);
    EXPECT_TRUE(added.ok()) << added.error().message;
    for (std::size_t i = 0; i < cluster.members.size(); ++i) {
      cluster.members[i].ec2_id = fmt::format("i-{}", i);
    }
  }

  // Begins the life of a cluster; which one is kept in id_.
  void create(ClusterRecord cluster) {
    id_ = cluster.id;
    scheduler_.spawn(add(std::move(cluster)));
    scheduler_.run();
  }
  void create_waiting() {
    create(record());
    pass(std::chrono::seconds(3));
    EXPECT_EQ(state(), "WAITING");
  }

  [[nodiscard]] Life& life() { return *clusters_->find(caller_, id_); }
  [[nodiscard]] ClusterRecord& cluster() { return life().cluster(); }
  [[nodiscard]] std::string state() { return cluster().state; }

  // As a handler does after a change.
  void save() {
    scheduler_.spawn(save_now());
    scheduler_.run();
  }

  static StepRecord step(const std::string& id, std::string_view on_failure = "CONTINUE") {
    StepRecord out;
    out.id = id;
    out.config.name = id;
    out.config.hadoop_jar_step.jar = "command-runner.jar";
    out.config.action_on_failure = std::string(on_failure);
    return out;
  }
  void add_step(StepRecord added) {
    cluster().steps.push_back(std::move(added));
    life().touch(cluster().steps.back());
    pass(std::chrono::seconds(1));
  }
  [[nodiscard]] std::string step_state_of(const std::string& id) {
    return cluster().find_step(id)->state;
  }
  void end_step(const std::string& id, int exit_code) {
    machine_.find(id).finish({.code = exit_code});
    pass(std::chrono::seconds(1));
  }

  sim::Scheduler scheduler_{11};
  sim::FailingFiles files_{11};
  Machine machine_;
  MemoryLogs logs_;
  OpenDoors doors_;
  WarmDrivers warm_drivers_;
  EmrOptions options_;
  InstanceTypes types_ = read_types();
  SpotMarket market_{SpotOptions{.scarcity = 0, .interruptions_per_hour = 0}};
  platform::Platform platform_{scheduler_, scheduler_, scheduler_, files_, machine_};
  iam::ManagedPolicies managed_;
  // What a sandbox does is for tests/conformance/test_emr_isolation.py.
  sandbox::Sandboxes sandboxes_{platform_, {.mode = sandbox::Mode::kNone}};
  std::filesystem::path directory_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<iam::Credentials> credentials_;
  std::unique_ptr<iam::Roles> roles_;
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<Hosts> hosts_;
  std::unique_ptr<Clusters> clusters_;
  Caller caller_;
  std::string id_;

 private:
  Task<void> save_now() {
    const Status saved = co_await life().save();
    EXPECT_TRUE(saved.ok());
  }
  Task<void> add(ClusterRecord cluster) {
    const auto added = co_await clusters_->add(std::move(cluster));
    EXPECT_TRUE(added.ok());
  }
};

}  // namespace tarn::emr
