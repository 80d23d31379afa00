// Encrypt, Decrypt, ReEncrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom.
#include <span>
#include <utility>

#include <fmt/format.h>

#include "services/kms/actions.h"
#include "services/kms/ciphertext.h"
#include "services/kms/faults.h"
#include "services/kms/policies.h"
#include "services/kms/request.h"

namespace tarn::kms {
namespace {

constexpr std::string_view kOnlyAlgorithm = values::encryption_algorithm_spec::kSymmetricDefault;

Status check_algorithm(const std::optional<std::string>& algorithm, const Key& key) {
  if (!algorithm || *algorithm == kOnlyAlgorithm) return {};
  return Error("InvalidKeyUsageException",
               fmt::format("You cannot use algorithm {} with the symmetric key {}: use {}",
                           *algorithm, key.arn(), kOnlyAlgorithm));
}

Status dry_run(const std::optional<bool>& asked) {
  if (!asked.value_or(false)) return {};
  return Error("DryRunOperationException",
               "The request would have succeeded, but the DryRun option is set.");
}

EncryptionContext context_of(std::optional<std::map<std::string, std::string>>& given) {
  return given ? std::move(*given) : EncryptionContext();
}

// May the account use the key itself? AWS managed keys are for their services alone: their policies
// allow nothing else. Errors: AccessDeniedException, those of the key's state.
Status usable_by_account(const Key& key) {
  if (key.manager != Manager::kCustomer) return managed_by_aws(key);
  return usable(key);
}

// A ciphertext opened, and by which key.
struct Opened {
  KeyView key;
  std::string plaintext;
  std::string material_id;
};

// The key that made a ciphertext is known here first, so the permission `action` is asked for here.
// Errors: AccessDeniedException, those of the key's state; InvalidCiphertextException,
// IncorrectKeyException.
Result<Opened> open(KmsService& kms, const Caller& caller, std::string_view action,
                    const std::string& ciphertext, const std::optional<std::string>& expected_key,
                    const EncryptionContext& context) {
  Opened out;
  TARN_TRY(out.key, kms.ring().find_maker(ciphertext));
  // What rooms keep under AWS owned keys is theirs alone; a ciphertext is of one Region.
  if (out.key->manager == Manager::kOwned || out.key->region != caller.region ||
      out.key->account != caller.account_id) {
    return invalid_ciphertext();
  }
  if (expected_key) {
    TARN_TRY(const KeyView expected, find_named(kms, caller, *expected_key));
    if (expected->id != out.key->id) {
      return Error(
          "IncorrectKeyException",
          "The key ID in the request does not identify the key that made this ciphertext.");
    }
  }
  const iam::ConditionValues given = context_values(context);
  const Status allowed = kms.authorizer().check(caller, action, out.key->arn(), &given);
  if (!allowed.ok()) return Error("AccessDeniedException", allowed.error().message);
  TARN_CHECK(usable_by_account(*out.key));
  TARN_TRY(out.plaintext, decrypt(*out.key, ciphertext, context));
  const auto name = read_name(ciphertext);
  out.material_id = out.key->materials[name->material - 1].id;
  return out;
}

// The length of a data key. Error: ValidationException.
template <class Input>
Result<std::size_t> data_key_bytes(const Input& input) {
  if (input.key_spec.has_value() == input.number_of_bytes.has_value()) {
    return Error("ValidationException",
                 "Please specify either number of bytes or key spec, and not both.");
  }
  if (input.number_of_bytes) return static_cast<std::size_t>(*input.number_of_bytes);
  return std::size_t{*input.key_spec == values::data_key_spec::kAes128 ? 16U : 32U};
}

struct NewDataKey {
  KeyView key;
  std::string plaintext;
  std::string ciphertext;
};

template <class Input>
Task<Result<NewDataKey>> make_data_key(KmsService& kms, const Caller& caller, Input& input) {
  TARN_CO_CHECK(check_grant_tokens(kms, input.grant_tokens));
  TARN_CO_TRY(const std::size_t bytes, data_key_bytes(input));
  NewDataKey out;
  TARN_CO_TRY(out.key, co_await obtain_named(kms, caller, std::move(input.key_id)));
  TARN_CO_CHECK(usable_by_account(*out.key));
  TARN_CO_CHECK(dry_run(input.dry_run));
  out.plaintext.resize(bytes);
  kms.platform().random.fill(std::as_writable_bytes(std::span(out.plaintext)));
  out.ciphertext =
      encrypt(kms.platform().random, *out.key, out.plaintext, context_of(input.encryption_context));
  co_return out;
}

}  // namespace

Task<Result<EncryptResponse>> handle(Encrypt, KmsService& kms, const Caller& caller,
                                     EncryptRequest input) {
  TARN_CO_CHECK(check_grant_tokens(kms, input.grant_tokens));
  TARN_CO_TRY(const KeyView key, co_await obtain_named(kms, caller, std::move(input.key_id)));
  TARN_CO_CHECK(usable_by_account(*key));
  TARN_CO_CHECK(check_algorithm(input.encryption_algorithm, *key));
  TARN_CO_CHECK(dry_run(input.dry_run));
  EncryptResponse out;
  out.ciphertext_blob =
      encrypt(kms.platform().random, *key, input.plaintext, context_of(input.encryption_context));
  out.key_id = key->arn();
  out.encryption_algorithm = kOnlyAlgorithm;
  co_return out;
}

Task<Result<DecryptResponse>> handle(Decrypt, KmsService& kms, const Caller& caller,
                                     DecryptRequest input) {
  TARN_CO_CHECK(check_grant_tokens(kms, input.grant_tokens));
  TARN_CO_CHECK(refuse(input.recipient.has_value(), "Recipient"));
  if (!input.ciphertext_blob) {
    co_return Error("ValidationException", "CiphertextBlob must be given.");
  }
  TARN_CO_TRY(Opened opened, open(kms, caller, "kms:Decrypt", *input.ciphertext_blob, input.key_id,
                                  context_of(input.encryption_context)));
  TARN_CO_CHECK(check_algorithm(input.encryption_algorithm, *opened.key));
  TARN_CO_CHECK(dry_run(input.dry_run));
  DecryptResponse out;
  out.key_id = opened.key->arn();
  out.plaintext = std::move(opened.plaintext);
  out.encryption_algorithm = kOnlyAlgorithm;
  out.key_material_id = std::move(opened.material_id);
  co_return out;
}

Task<Result<ReEncryptResponse>> handle(ReEncrypt, KmsService& kms, const Caller& caller,
                                       ReEncryptRequest input) {
  TARN_CO_CHECK(check_grant_tokens(kms, input.grant_tokens));
  if (!input.ciphertext_blob) {
    co_return Error("ValidationException", "CiphertextBlob must be given.");
  }
  TARN_CO_TRY(const Opened opened,
              open(kms, caller, "kms:ReEncryptFrom", *input.ciphertext_blob, input.source_key_id,
                   context_of(input.source_encryption_context)));
  TARN_CO_CHECK(check_algorithm(input.source_encryption_algorithm, *opened.key));
  TARN_CO_TRY(const KeyView target,
              co_await obtain_named(kms, caller, std::move(input.destination_key_id)));
  TARN_CO_CHECK(usable_by_account(*target));
  TARN_CO_CHECK(check_algorithm(input.destination_encryption_algorithm, *target));
  TARN_CO_CHECK(dry_run(input.dry_run));
  ReEncryptResponse out;
  out.ciphertext_blob = encrypt(kms.platform().random, *target, opened.plaintext,
                                context_of(input.destination_encryption_context));
  out.source_key_id = opened.key->arn();
  out.key_id = target->arn();
  out.source_encryption_algorithm = kOnlyAlgorithm;
  out.destination_encryption_algorithm = kOnlyAlgorithm;
  out.source_key_material_id = opened.material_id;
  out.destination_key_material_id = target->materials.back().id;
  co_return out;
}

Task<Result<GenerateDataKeyResponse>> handle(GenerateDataKey, KmsService& kms, const Caller& caller,
                                             GenerateDataKeyRequest input) {
  TARN_CO_CHECK(refuse(input.recipient.has_value(), "Recipient"));
  TARN_CO_TRY(NewDataKey made, co_await make_data_key(kms, caller, input));
  GenerateDataKeyResponse out;
  out.ciphertext_blob = std::move(made.ciphertext);
  out.plaintext = std::move(made.plaintext);
  out.key_id = made.key->arn();
  out.key_material_id = made.key->materials.back().id;
  co_return out;
}

Task<Result<GenerateDataKeyWithoutPlaintextResponse>> handle(
    GenerateDataKeyWithoutPlaintext, KmsService& kms, const Caller& caller,
    GenerateDataKeyWithoutPlaintextRequest input) {
  TARN_CO_TRY(NewDataKey made, co_await make_data_key(kms, caller, input));
  GenerateDataKeyWithoutPlaintextResponse out;
  out.ciphertext_blob = std::move(made.ciphertext);
  out.key_id = made.key->arn();
  out.key_material_id = made.key->materials.back().id;
  co_return out;
}

Task<Result<GenerateRandomResponse>> handle(GenerateRandom, KmsService& kms, const Caller&,
                                            GenerateRandomRequest input) {
  TARN_CO_CHECK(refuse(input.recipient.has_value(), "Recipient"));
  TARN_CO_CHECK(refuse(input.custom_key_store_id.has_value(), "CustomKeyStoreId"));
  if (!input.number_of_bytes) {
    co_return Error("ValidationException", "NumberOfBytes is required.");
  }
  GenerateRandomResponse out;
  std::string& bytes = out.plaintext.emplace();
  bytes.resize(static_cast<std::size_t>(*input.number_of_bytes));
  kms.platform().random.fill(std::as_writable_bytes(std::span(bytes)));
  co_return out;
}

}  // namespace tarn::kms
