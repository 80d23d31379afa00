#include "tarn/application.h"

#include <chrono>

#include <unistd.h>

#include <fmt/format.h>

#include "tarn/agent_token.h"
#include "tarn/application_parts.h"

namespace tarn::app {

namespace {

constexpr std::chrono::milliseconds kGrace{5000};  // for requests under way when the server stops

constexpr std::chrono::milliseconds kPortPatience{1000};
constexpr std::chrono::milliseconds kPortPause{50};

// On the control strand, where sessions live.
Task<Status> start_sessions(livy::LivyRoom& livy) {
  co_return livy.start();
}

// A server that was killed holds its port a moment longer, in a child that it was just making.
Task<Result<std::uint16_t>> take_port(gateway::Server& server, platform::Clock& clock) {
  const std::chrono::nanoseconds until = clock.monotonic() + kPortPatience;
  for (;;) {
    Result<std::uint16_t> port = server.start();
    const bool taken = !port.ok() && port.error().is(code::kExists);
    if (!taken || clock.monotonic() >= until) co_return port;
    co_await clock.sleep(kPortPause);
  }
}

}  // namespace

Status Application::Parts::open_data() {
  TARN_CHECK(files.make_directories(configuration.data_directory));
  TARN_CHECK(files.lock(configuration.lock_path()));
  // What a killed server left would lead clients to a port that may be another's by now.
  if (files.exists(configuration.server_path()))
    TARN_CHECK(files.remove(configuration.server_path()));
  TARN_TRY(store, store::open_store(configuration.data_directory + "/store"));
  TARN_TRY(authority, gateway::CertificateAuthority::open(files, clock, random,
                                                          configuration.data_directory + "/tls"));
  return {};
}

Status Application::Parts::open_account() {
  const AccountPresets presets{configuration.account_id, configuration.root_access_key_id,
                               configuration.root_secret_access_key};
  TARN_TRY(iam::RootKey root, app::open_account(*store, random, presets));
  facts.account_id = root.account_id;
  facts.access_key_id = root.access_key_id;
  facts.secret_access_key = root.secret_access_key;
  TARN_TRY(agent_token, open_agent_token(files, random, agent_token_path(configuration)));
  credentials = std::make_unique<iam::Credentials>(*store, clock, random, std::move(root));
  TARN_CHECK(credentials->load());
  TARN_CHECK(managed_policies.read(files, configuration.share_directory + "/managed-policies"));
  TARN_CHECK(managed_policies.load(*store));
  roles = std::make_unique<iam::Roles>(*store, managed_policies);
  users = std::make_unique<iam::Users>(*store, managed_policies);
  logins = std::make_unique<iam::LoginProfiles>(*store);
  TARN_CHECK(logins->load());
  authorizer.use(*roles);
  authorizer.use(*users);
  iam_resources = std::make_unique<iam::IamResources>(*roles, *users, managed_policies);
  trust_policies = std::make_unique<iam::TrustPolicies>(*roles);
  authorizer.add("iam", *iam_resources);
  authorizer.add("sts", *trust_policies);
  TARN_CHECK(roles->load());
  return users->load();
}

// The rooms are told the address before the server listens on it.
Status Application::Parts::choose_address() {
  facts.port = options.port;
  if (facts.port == 0) {
    TARN_TRY(facts.port, real::free_port(options.host));
  }
  facts.pid = ::getpid();
  facts.host = options.host;
  facts.region = options.region;
  facts.ca_bundle = authority->bundle_path();
  facts.trust_store = authority->trust_store_path();
  const std::string reachable = facts.reachable_host();
  const bool v6 = reachable.find(':') != std::string::npos;
  facts.endpoint =
      fmt::format(fmt::runtime(v6 ? "http://[{}]:{}" : "http://{}:{}"), reachable, facts.port);
  return {};
}

Status Application::Parts::listen() {
  TARN_TRY(facts.port, real::run_on(threads.control(), take_port(*server, clock)));
  // Sessions are clients of the port.
  if (livy) TARN_CHECK(real::run_on(threads.control(), start_sessions(*livy)));
  TARN_CHECK(real::run_on(threads.control(), lambda->resume()));
  TARN_CHECK(real::run_on(threads.control(), emr->resume()));
  TARN_CHECK(real::run_on(threads.control(), cloudformation->resume()));
  TARN_CHECK(real::run_on(threads.control(), servicecatalog->resume()));
  maintenance->start();
  return files.write_atomically(configuration.server_path(), to_json(facts), 0600);
}

void Application::Parts::stop() {
  // Answers that go on for minutes end now; all others have their time.
  if (kinesis) kinesis->end_subscriptions();
  if (server) server->stop(kGrace);
  if (servicecatalog) real::run_on(threads.control(), servicecatalog->shut_down());
  if (generator_runs) real::run_on(threads.control(), generator_runs->shut_down());
  if (cloudformation) real::run_on(threads.control(), cloudformation->shut_down());
  if (lambda) real::run_on(threads.control(), lambda->shut_down());
  if (livy) real::run_on(threads.control(), livy->shut_down());
  if (emr) real::run_on(threads.control(), emr->shut_down());
  if (maintenance) real::run_on(threads.control(), maintenance->shut_down());
  if (kinesis) real::run_on(threads.control(), kinesis->stop());
  if (dynamodb) real::run_on(threads.control(), dynamodb->stop());
  if (logs) real::run_on(threads.control(), logs->stop());
  if (glue) real::run_on(threads.control(), glue->stop());
  if (s3) real::run_on(threads.control(), s3->stop());
  if (cloudtrail) real::run_on(threads.control(), cloudtrail->stop());
  // Nothing runs any more when the parts go.
  threads.stop();
  [[maybe_unused]] const Status removed = files.remove(configuration.server_path());
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Application::~Application() = default;

Result<std::unique_ptr<Application>> Application::start(const Configuration& configuration,
                                                        const ApplicationOptions& options) {
  auto parts = std::make_unique<Parts>(configuration, options);
  TARN_CHECK(parts->open_data());
  TARN_CHECK(parts->open_account());
  TARN_CHECK(parts->choose_address());
  Status ready = parts->add_services();
  if (ready.ok()) {
    parts->add_web_rooms();
    ready = parts->listen();
  }
  if (!ready.ok()) {
    parts->stop();
    return std::move(ready).error();
  }
  return std::make_unique<Application>(std::move(parts));
}

const ServerFacts& Application::facts() const {
  return parts_->facts;
}

void Application::stop() {
  parts_->stop();
}

}  // namespace tarn::app
