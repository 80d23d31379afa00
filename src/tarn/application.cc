#include "tarn/application.h"

#include <chrono>

#include <unistd.h>

#include <fmt/format.h>

#include "gateway/certificates.h"
#include "gateway/chain.h"
#include "gateway/in_process.h"
#include "gateway/server.h"
#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/network.h"
#include "platform/real/process_table.h"
#include "platform/real/processes.h"
#include "platform/real/random.h"
#include "platform/real/threads.h"
#include "sandbox/sandboxes.h"
#include "services/cloudformation/service.h"
#include "services/cloudtrail/service.h"
#include "services/dynamodb/resources/resources.h"
#include "services/dynamodb/service.h"
#include "services/ec2/resources/resources.h"
#include "services/ec2/service.h"
#include "services/emr/agents_room.h"
#include "services/emr/emr_room.h"
#include "services/emr/record_room.h"
#include "services/emr/resources/resources.h"
#include "services/emr/service.h"
#include "services/glue/resources/resources.h"
#include "services/glue/service.h"
#include "services/iam/authorizer.h"
#include "services/iam/credentials.h"
#include "services/iam/directory_resources.h"
#include "services/iam/resources/resources.h"
#include "services/iam/roles.h"
#include "services/iam/service.h"
#include "services/iam/users.h"
#include "services/iceberg/maintenance.h"
#include "services/iceberg/maintenance_room.h"
#include "services/iceberg/room.h"
#include "services/kinesis/resources/resources.h"
#include "services/kinesis/service.h"
#include "services/kms/resources/resources.h"
#include "services/kms/service.h"
#include "services/lambda/resources/resources.h"
#include "services/lambda/service.h"
#include "services/livy/room.h"
#include "services/logs/resources/resources.h"
#include "services/logs/service.h"
#include "services/metadata/room.h"
#include "services/s3/resources/resources.h"
#include "services/s3/service.h"
#include "services/secretsmanager/resources/resources.h"
#include "services/secretsmanager/service.h"
#include "services/servicecatalog/resources/resources.h"
#include "services/servicecatalog/service.h"
#include "services/ssm/resources/resources.h"
#include "services/ssm/service.h"
#include "services/sts/service.h"
#include "store/store.h"
#include "tarn/agent_token.h"
#include "tarn/emr_options.h"
#include "tarn/generator_room.h"
#include "tarn/health_room.h"
#include "tarn/lambda_options.h"
#include "tarn/livy_options.h"
#include "tarn/sample_templates.h"
#include "tarn/stack_parameters.h"

namespace tarn::app {

namespace {

namespace real = platform::real;

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

// In the order in which they are made; they go in the reverse order.
struct Application::Parts {
  Parts(const Configuration& configuration_, const ApplicationOptions& options_)
      : configuration(configuration_), options(options_) {}

  const Configuration configuration;
  const ApplicationOptions options;
  ServerFacts facts;
  std::string agent_token;

  real::Files files;  // holds the lock of the data directory
  real::Threads threads;
  real::Clock clock{threads};
  real::Random random;
  real::Processes processes{threads};
  real::Network network;
  platform::Platform platform{clock, random, threads, files, processes};

  std::unique_ptr<store::Store> store;
  std::unique_ptr<iam::Credentials> credentials;
  iam::Authorizer authorizer{clock};
  iam::ManagedPolicies managed_policies;
  std::unique_ptr<iam::Roles> roles;
  std::unique_ptr<iam::Users> users;
  std::unique_ptr<iam::LoginProfiles> logins;
  std::unique_ptr<iam::IamResources> iam_resources;
  std::unique_ptr<iam::TrustPolicies> trust_policies;
  gateway::InProcess in_process{authorizer};
  std::unique_ptr<gateway::CertificateAuthority> authority;
  std::unique_ptr<gateway::Chain> chain;
  std::unique_ptr<gateway::Server> server;
  std::unique_ptr<cloudtrail::CloudTrailService> cloudtrail;
  std::unique_ptr<sts::StsService> sts;
  std::unique_ptr<iam::IamService> iam;
  std::unique_ptr<kms::KmsService> kms;
  std::unique_ptr<ssm::SsmService> ssm;
  std::unique_ptr<secretsmanager::SecretsManagerService> secretsmanager;
  std::unique_ptr<kinesis::KinesisService> kinesis;
  std::unique_ptr<dynamodb::DynamodbService> dynamodb;
  std::unique_ptr<glue::GlueService> glue;
  std::unique_ptr<s3::S3Service> s3;
  std::unique_ptr<ec2::Ec2Service> ec2;
  std::unique_ptr<StackParameters> stack_parameters;
  std::unique_ptr<logs::LogsService> logs;
  std::unique_ptr<cloudformation::CloudFormationService> cloudformation;
  std::unique_ptr<servicecatalog::ServiceCatalogService> servicecatalog;
  std::unique_ptr<sandbox::Sandboxes> sandboxes;
  std::unique_ptr<lambda::LambdaService> lambda;
  std::unique_ptr<emr::EmrService> emr;
  std::unique_ptr<emr::EmrRoom> emr_room;
  std::unique_ptr<emr::RecordRoom> record_room;
  std::unique_ptr<emr::AgentsRoom> agents_room;
  std::unique_ptr<GeneratorRuns> generator_runs;
  std::unique_ptr<GeneratorRoom> generator_room;
  HealthRoom health;
  std::unique_ptr<MetricsRoom> metrics;
  std::unique_ptr<iceberg::Maintenance> maintenance;
  std::unique_ptr<iceberg::MaintenanceRoom> maintenance_room;
  std::unique_ptr<iceberg::IcebergRoom> iceberg;
  std::unique_ptr<metadata::MetadataRoom> metadata;
  std::unique_ptr<livy::LivyRoom> livy;

  Status open_data();
  Status open_account();
  Status choose_address();
  Status start_audit();
  Status add_services();
  void add(gateway::Service& service, const gateway::CrossOrigin* cross_origin = nullptr);
  void put_samples();
  Status add_parameters_and_secrets();
  Status add_stacks();
  void add_web_rooms();
  void add_generator();
  void add_iceberg();
  void start_sandboxes();
  void add_sessions();
  Status listen();
  void stop();
};

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

Status Application::Parts::add_services() {
  const gateway::ChainOptions chain_options{facts.account_id, options.region};
  chain = std::make_unique<gateway::Chain>(platform, *credentials, authorizer, chain_options);
  const gateway::ServerOptions server_options{options.host, facts.port, options.egress_allowed};
  server = std::make_unique<gateway::Server>(server_options, *chain, threads, *authority);
  TARN_CHECK(start_audit());
  sts =
      std::make_unique<sts::StsService>(sts::Sts{*credentials, *roles, managed_policies, threads});
  add(*sts);
  iam = std::make_unique<iam::IamService>(
      iam::Iam{platform, *roles, *users, credentials->access_keys(), managed_policies, *logins});
  add(*iam);
  ec2 = std::make_unique<ec2::Ec2Service>(platform, *store);
  TARN_CHECK(ec2->load());
  add(*ec2);
  logs = std::make_unique<logs::LogsService>(platform, *store, authorizer);
  TARN_CHECK(real::run_on(threads.control(), logs->start()));
  authorizer.add("logs", *logs);
  add(*logs);
  kms = std::make_unique<kms::KmsService>(platform, *store, authorizer,
                                          configuration.root_key_path());
  TARN_CHECK(real::run_on(threads.control(), kms->start()));
  authorizer.add("kms", kms->policies());
  add(*kms);
  TARN_CHECK(add_parameters_and_secrets());
  const kinesis::KinesisOptions kinesis_options{.aws_limits = options.aws_limits,
                                                .keys = &kms->keys()};
  kinesis = std::make_unique<kinesis::KinesisService>(
      platform, *store, configuration.data_directory + "/kinesis", kinesis_options);
  TARN_CHECK(real::run_on(threads.control(), kinesis->start()));
  add(*kinesis);
  authorizer.add("kinesis", *kinesis);
  dynamodb = std::make_unique<dynamodb::DynamodbService>(platform, *store);
  TARN_CHECK(real::run_on(threads.control(), dynamodb->start()));
  add(*dynamodb);
  glue = std::make_unique<glue::GlueService>(platform, *store);
  TARN_CHECK(real::run_on(threads.control(), glue->start()));
  add(*glue);
  const s3::S3Options s3_options{configuration.data_directory,
                                 configuration.connector_directory + "/tarn-aws-kinesis.jar"};
  s3 = std::make_unique<s3::S3Service>(platform, *store, s3_options, kms->keys());
  TARN_CHECK(real::run_on(threads.control(), s3->start()));
  authorizer.add("s3", s3->policies());
  add(*s3, &s3->cross_origin());
  put_samples();
  start_sandboxes();
  lambda = std::make_unique<lambda::LambdaService>(
      platform, *store, lambda::Identity{*credentials, *roles, authorizer}, s3->store(), *sandboxes,
      in_process, lambda_options(configuration, facts, files));
  TARN_CHECK(real::run_on(threads.control(), lambda->start()));
  authorizer.add("lambda", lambda->policies());
  add(*lambda);
  emr = std::make_unique<emr::EmrService>(
      platform, network, *store, emr::Identity{*credentials, *roles, authorizer}, s3->store(),
      *sandboxes, *server, emr_options(configuration, options, facts, files));
  TARN_CHECK(real::run_on(threads.control(), emr->start()));
  add(*emr);
  return add_stacks();
}

// What is called and denied is told from the first request on.
Status Application::Parts::start_audit() {
  cloudtrail = std::make_unique<cloudtrail::CloudTrailService>(platform, *store);
  TARN_CHECK(real::run_on(threads.control(), cloudtrail->start()));
  chain->audit_to(*cloudtrail);
  in_process.audit_to(*cloudtrail);
  add(*cloudtrail);
  if (!options.only_audit_iam) return {};
  authorizer.only_audit(*cloudtrail);
  options.on_warning(
      "--iam audit: what policies deny is logged and can be looked up (aws cloudtrail "
      "lookup-events), but not refused");
  return {};
}

// Without them the server is of use, too: a full disk does not keep it from its data.
void Application::Parts::put_samples() {
  SampleTemplates samples(platform, *store, s3->store(), configuration.share_directory,
                          facts.account_id);
  const Status put = real::run_on(threads.control(), samples.put_all());
  if (!put.ok())
    options.on_warning("the sample templates are not up to date: " + put.error().message);
}

Status Application::Parts::add_parameters_and_secrets() {
  ssm = std::make_unique<ssm::SsmService>(platform, *store, kms->keys(), authorizer);
  TARN_CHECK(ssm->load());
  authorizer.add("ssm", ssm->names());
  add(*ssm);
  secretsmanager = std::make_unique<secretsmanager::SecretsManagerService>(platform, *store,
                                                                           kms->keys(), authorizer);
  TARN_CHECK(secretsmanager->load());
  authorizer.add("secretsmanager", secretsmanager->names());
  add(*secretsmanager);
  return {};
}

// Stacks act through the other services, as who operates them.
Status Application::Parts::add_stacks() {
  stack_parameters = std::make_unique<StackParameters>(ec2->network(), ssm->parameters());
  cloudformation = std::make_unique<cloudformation::CloudFormationService>(
      platform, *store, cloudformation::Identities{*credentials, *roles, authorizer}, s3->store(),
      in_process, *stack_parameters, facts.endpoint.substr(std::string_view("http://").size()));
  cloudformation->add(s3::bucket_type(in_process));
  cloudformation->add(s3::bucket_policy_type(in_process));
  cloudformation->add(kinesis::stream_type(in_process, clock));
  cloudformation->add(kinesis::stream_consumer_type(in_process, clock));
  cloudformation->add(dynamodb::table_type(in_process, clock));
  cloudformation->add(glue::database_type(in_process));
  cloudformation->add(kms::key_type(in_process));
  cloudformation->add(kms::alias_type(in_process));
  cloudformation->add(iam::role_type(in_process));
  cloudformation->add(iam::instance_profile_type(in_process));
  cloudformation->add(iam::managed_policy_type(in_process));
  cloudformation->add(iam::inline_policy_type(in_process));
  for (auto& type : ec2::resource_types(in_process)) cloudformation->add(std::move(type));
  for (auto& type : lambda::resource_types(in_process)) cloudformation->add(std::move(type));
  cloudformation->add(logs::log_group_type(in_process));
  cloudformation->add(logs::log_stream_type(in_process));
  cloudformation->add(emr::cluster_type(in_process, clock));
  cloudformation->add(emr::instance_fleet_type(in_process));
  cloudformation->add(emr::instance_group_type(in_process));
  cloudformation->add(emr::step_type(in_process));
  cloudformation->add(emr::security_configuration_type(in_process));
  cloudformation->add(emr::studio_type(in_process));
  cloudformation->add(emr::studio_session_mapping_type(in_process));
  cloudformation->add(ssm::parameter_type(in_process));
  cloudformation->add(secretsmanager::secret_type(in_process));
  for (auto& type : servicecatalog::resource_types(in_process, clock))
    cloudformation->add(std::move(type));
  TARN_CHECK(real::run_on(threads.control(), cloudformation->start()));
  add(*cloudformation);
  servicecatalog = std::make_unique<servicecatalog::ServiceCatalogService>(
      platform, *store, servicecatalog::Identities{*credentials, *roles, *users, authorizer},
      cloudformation->launches());
  TARN_CHECK(servicecatalog->load());
  authorizer.add("servicecatalog", servicecatalog->levels());
  add(*servicecatalog);
  return {};
}

void Application::Parts::add(gateway::Service& service, const gateway::CrossOrigin* cross_origin) {
  chain->add(service, cross_origin);
  in_process.add(service);
  health.add_service(service.model().name);
}

void Application::Parts::add_web_rooms() {
  metrics = std::make_unique<MetricsRoom>(*chain);
  chain->add_web("health", health);
  chain->add_web("metrics", *metrics);
  chain->add_web("custom-resources", cloudformation->answers());
  chain->add_web("wait-conditions", cloudformation->signals());
  add_iceberg();
  add_generator();
  metadata = std::make_unique<metadata::MetadataRoom>(*credentials, clock);
  chain->add_web("metadata", *metadata);
  emr_room = std::make_unique<emr::EmrRoom>(*emr, authorizer);
  chain->add_web("emr", *emr_room);
  record_room = std::make_unique<emr::RecordRoom>(*emr);
  chain->add_web("clusters", *record_room);
  agents_room =
      std::make_unique<emr::AgentsRoom>(emr->hosts(), agent_token, emr->options().spark_version);
  chain->add_web("agents", *agents_room);
  if (!options.sessions) return;
  add_sessions();
}

void Application::Parts::add_generator() {
  const auto sample =
      files.read(configuration.share_directory + "/templates/records/pixel.json.tmpl");
  generator_runs = std::make_unique<GeneratorRuns>(platform, in_process, *credentials);
  generator_room =
      std::make_unique<GeneratorRoom>(*generator_runs, sample.ok() ? *sample : std::string());
  chain->add_web("generator", *generator_room);
}

void Application::Parts::start_sandboxes() {
  sandbox::Settings settings;
  settings.mode = options.sandbox ? sandbox::Mode::kBubblewrap : sandbox::Mode::kNone;
  settings.as_root = ::geteuid() == 0;
  settings.server = facts.pid;
  settings.directory = configuration.data_directory + "/sandbox";
  settings.programs = configuration.share_directory + "/sandbox";
  sandboxes = std::make_unique<sandbox::Sandboxes>(platform, std::move(settings));
  real::run_on(threads.control(), sandboxes->start());
}

void Application::Parts::add_iceberg() {
  iceberg::MaintenanceOptions worker;
  worker.python = configuration.runtime_directory + "/python/bin/python";
  worker.worker_directory = configuration.share_directory;
  worker.data_directory = configuration.data_directory + "/maintenance";
  worker.endpoint_url = facts.endpoint;
  worker.region = facts.region;
  maintenance = std::make_unique<iceberg::Maintenance>(platform, glue->metastore(), s3->store(),
                                                       *credentials, std::move(worker));
  maintenance_room = std::make_unique<iceberg::MaintenanceRoom>(*maintenance);
  chain->add_web("maintenance", *maintenance_room);
  iceberg = std::make_unique<iceberg::IcebergRoom>(platform, glue->metastore(), s3->store(),
                                                   *credentials, authorizer, maintenance.get());
  chain->add_site("/iceberg/v1/", *iceberg);
}

void Application::Parts::add_sessions() {
  livy::Options sessions = livy_options(configuration, options, facts, files);
  // The other services are of use without Spark: said now, refused when a session is asked for.
  if (!sandboxes->usable().ok()) options.on_warning(sandboxes->usable().error().message);
  if (const Status complete = livy::check(sessions, files); !complete.ok()) {
    options.on_warning(complete.error().message);
  }
  livy = std::make_unique<livy::LivyRoom>(platform, *credentials, *sandboxes, std::move(sessions));
  chain->add_web("livy", *livy);
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
