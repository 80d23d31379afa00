// IcebergRoom: Glue's tables by the Iceberg REST API, at /iceberg/v1.
//
// Place: services/iceberg; a web room of the gateway; made by src/tarn. Threads: the control
// strand; what waits for the disk does so on the blocking pool.
// (https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml)
//
// Callers sign in with SigV4 (any service name but s3), with a bearer token of the token endpoint,
// or with HTTP Basic (access key id and secret).
#pragma once

#include <string>

#include "gateway/web.h"
#include "services/iam/authorizer.h"
#include "services/iam/credentials.h"
#include "services/iceberg/request.h"
#include "services/s3/object_store.h"

namespace tarn::iceberg {

class IcebergRoom final : public gateway::WebRoom {
 public:
  // The references outlive it.
  IcebergRoom(platform::Platform platform, glue::Metastore& metastore, s3::ObjectStore& objects,
              iam::Credentials& credentials, const iam::Authorizer& authorizer,
              Maintenance* maintenance)
      : storage_credentials_(credentials, platform.clock),
        iceberg_{platform,
                 metastore,
                 MetadataFiles(objects),
                 authorizer,
                 Tokens(credentials, platform.clock),
                 storage_credentials_,
                 maintenance} {}

  [[nodiscard]] Task<Result<wire::Response>> serve(gateway::WebRequest request) override;
  [[nodiscard]] wire::Response refuse(const Error& error) const override;

 private:
  Task<Result<wire::Response>> answer(gateway::WebRequest request);

  StorageCredentials storage_credentials_;
  Iceberg iceberg_;
};

}  // namespace tarn::iceberg
