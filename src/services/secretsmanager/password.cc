#include "services/secretsmanager/password.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::secretsmanager {
namespace {

// The kinds of characters that may stand in it, without those that are excluded.
std::vector<std::string> kinds_of(const PasswordRules& rules) {
  const std::vector<std::pair<bool, std::string_view>> all = {
      {rules.lowercase, "abcdefghijklmnopqrstuvwxyz"},
      {rules.uppercase, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
      {rules.numbers, "0123456789"},
      {rules.punctuation, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
      {rules.space, " "}};
  std::vector<std::string> out;
  for (const auto& [is_wanted, characters] : all) {
    if (!is_wanted) continue;
    std::string kept(characters);
    std::erase_if(kept, [&](char c) { return rules.excluded.find(c) != std::string::npos; });
    if (!kept.empty()) out.push_back(std::move(kept));
  }
  return out;
}

}  // namespace

Result<std::string> make_password(platform::Random& random, const PasswordRules& rules) {
  const std::vector<std::string> kinds = kinds_of(rules);
  std::string alphabet;
  for (const std::string& kind : kinds) alphabet += kind;
  if (alphabet.empty())
    return Error("InvalidParameterException", "All characters are excluded: nothing is left.");
  if (rules.each && rules.length < kinds.size()) {
    return Error("InvalidParameterException",
                 "The password length is too short to have one of each required type.");
  }
  std::string out;
  if (rules.each) {
    for (const std::string& kind : kinds) out += random.text(1, kind);
  }
  out += random.text(rules.length - out.size(), alphabet);
  // Each where chance puts it.
  for (std::size_t left = out.size(); left > 1; --left)
    std::swap(out[left - 1], out[random.next() % left]);
  return out;
}

}  // namespace tarn::secretsmanager
