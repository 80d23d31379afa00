#include "services/glue/service.h"

#include "services/glue/actions.h"

namespace tarn::glue {
namespace {

using Actions =
    gateway::ActionList<GlueService, CreateDatabase, GetDatabase, GetDatabases, UpdateDatabase,
                        DeleteDatabase, CreateTable, GetTable, GetTables, UpdateTable, DeleteTable,
                        BatchDeleteTable, GetTableVersion, GetTableVersions, DeleteTableVersion,
                        BatchDeleteTableVersion, CreatePartition, BatchCreatePartition,
                        GetPartition, GetPartitions, BatchGetPartition, UpdatePartition,
                        DeletePartition, BatchDeletePartition, GetTags, TagResource, UntagResource>;

}  // namespace

GlueService::GlueService(platform::Platform platform, store::Store& store)
    : platform_(platform), metastore_(store, platform.clock) {}

Task<Status> GlueService::start() {
  co_return Status();
}

Task<void> GlueService::stop() {
  co_return;
}

const wire::ServiceModel& GlueService::model() const {
  return service_model();
}

std::span<const gateway::Action> GlueService::actions() const {
  return Actions::table();
}

}  // namespace tarn::glue
