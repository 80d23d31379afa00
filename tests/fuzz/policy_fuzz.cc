// Policies: any text is a policy or is told what is wrong with it, of each kind; a policy that was
// read decides every request, and never allows what it denies.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/iam/policy/evaluate.h"

namespace {

using namespace std::string_view_literals;
using tarn::iam::policy::Document;
using tarn::iam::policy::FixedContext;
using tarn::iam::policy::Principal;

void ask(const Document& document, const Principal& principal) {
  const FixedContext context({{"aws:username", {"alice"}},
                              {"aws:sourceip", {"203.0.113.7"}},
                              {"aws:currenttime", {"2026-11-27T20:00:00Z"}},
                              {"aws:tagkeys", {"a", "b"}},
                              {"s3:max-keys", {"10"}}});
  for (const auto on : {"arn:aws:s3:::bucket/alice/key"sv, "*"sv}) {
    tarn::iam::policy::Policies policies;
    policies.resource = &document;
    const tarn::iam::policy::Request request{principal, "s3:GetObject", on, {}, context};
    const auto decision = tarn::iam::policy::evaluate(request, policies);
    if (decision.allowed() && document.denial(request) != nullptr) std::abort();
    if (!decision.allowed() && tarn::iam::policy::describe(decision, request).empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto kind :
       {Document::Kind::kIdentity, Document::Kind::kResource, Document::Kind::kTrust}) {
    const auto document = Document::parse(text, kind);
    if (!document.ok()) {
      if (!document.error().is("MalformedPolicyDocument")) std::abort();
      continue;
    }
    static_cast<void>((*document)->is_public());
    ask(**document, {});
    ask(**document, {Principal::Kind::kUser, "111122223333", "arn:aws:iam::111122223333:user/alice",
                     "AIDA1234567890123456", ""});
  }
  return 0;
}
