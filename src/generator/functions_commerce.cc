// commerce.*, finance.* and address.* as far as they need code; the rest stands in patterns.cc.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "generator/functions.h"

namespace tarn::generator {

namespace {

constexpr std::array<std::int64_t, 10> kPowers = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

// units / 10^decimals with all its decimals: 12.50.
void put_fixed(std::int64_t units, int decimals, std::string& out) {
  if (units < 0) {
    out.push_back('-');
    units = -units;
  }
  const std::int64_t power = kPowers[static_cast<std::size_t>(decimals)];
  const fmt::format_int whole(units / power);
  out.append(whole.data(), whole.size());
  if (decimals == 0) return;
  const fmt::format_int fraction(units % power + power);  // a leading 1 keeps the zeros
  out.push_back('.');
  out.append(fraction.data() + 1, fraction.size() - 1);
}

// (min, max, dec, symbol), each optional.
Result<GeneratorPtr> make_money(const Call& call, double least, double most) {
  TARN_CHECK(call.at_most(4));
  TARN_TRY(const double min, call.number(0, "min", least));
  TARN_TRY(const double max, call.number(1, "max", most));
  TARN_TRY(const std::int64_t decimals, call.whole(2, "dec", 2, 0, 9));
  TARN_TRY(std::string symbol, call.text(3, "symbol", ""));
  const auto power = static_cast<double>(kPowers[static_cast<std::size_t>(decimals)]);
  if (max < min)
    return call.fail(call.arguments[0].place,
                     fmt::format("\"max\" ({}) is below \"min\" ({})", max, min));
  if (std::max(std::abs(min), std::abs(max)) * power > 9.0e15) {
    return call.fail(call.arguments[0].place, "the amounts are too large for that many decimals");
  }
  const auto low = static_cast<std::int64_t>(std::ceil(min * power - 1e-6));
  const auto high = static_cast<std::int64_t>(std::floor(max * power + 1e-6));
  if (high < low)
    return call.fail(call.arguments[0].place,
                     "no amount with that many decimals lies in the range");
  return make_generator([=, symbol = std::move(symbol), places = static_cast<int>(decimals)](
                            RenderState& state, std::string& out) {
    out += symbol;
    put_fixed(state.random.between(low, high), places, out);
  });
}

Result<GeneratorPtr> make_price(const Call& call) {
  return make_money(call, 1, 1'000);
}
Result<GeneratorPtr> make_amount(const Call& call) {
  return make_money(call, 0, 1'000);
}

Result<GeneratorPtr> make_digits(const Call& call, std::string_view name, std::int64_t otherwise) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(const std::int64_t length, call.whole(0, name, otherwise, 1, 1'000));
  return make_generator([length](RenderState& state, std::string& out) {
    for (std::int64_t i = 0; i < length; ++i)
      out.push_back(static_cast<char>('0' + state.random.below(10)));
  });
}

Result<GeneratorPtr> make_account(const Call& call) {
  return make_digits(call, "length", 8);
}
Result<GeneratorPtr> make_mask(const Call& call) {
  return make_digits(call, "length", 4);
}

// Sixteen digits of a test range of a card network, the last by Luhn's rule (ISO/IEC 7812-1 annex
// B).
Result<GeneratorPtr> make_credit_card(const Call& call) {
  TARN_CHECK(call.at_most(0));
  return make_generator([](RenderState& state, std::string& out) {
    static constexpr std::array<std::string_view, 4> kPrefixes = {"4000", "4111", "5100", "6011"};
    const std::size_t begin = out.size();
    out += state.random.pick(kPrefixes);
    while (out.size() - begin < 15) out.push_back(static_cast<char>('0' + state.random.below(10)));
    unsigned sum = 0;
    for (std::size_t i = 0; i < 15; ++i) {
      const auto digit = static_cast<unsigned>(out[begin + i] - '0') * (i % 2 == 0 ? 2U : 1U);
      sum += digit > 9 ? digit - 9 : digit;
    }
    out.push_back(static_cast<char>('0' + (10 - sum % 10) % 10));
  });
}

// An IBAN of Germany with right check digits (ISO 13616): 98 - (account · DE00 mod 97).
Result<GeneratorPtr> make_iban(const Call& call) {
  TARN_CHECK(call.at_most(0));
  return make_generator([](RenderState& state, std::string& out) {
    out += "DE00";
    const std::size_t check_at = out.size() - 2;
    unsigned rest = 0;
    for (int i = 0; i < 18; ++i) {
      const auto digit = static_cast<unsigned>(state.random.below(10));
      out.push_back(static_cast<char>('0' + digit));
      rest = (rest * 10 + digit) % 97;
    }
    // "DE00" behind the account: D is 13, E is 14.
    rest = (rest * 1'000'000 + 131'400) % 97;
    const unsigned check = 98 - rest;
    out[check_at] = static_cast<char>('0' + check / 10);
    out[check_at + 1] = static_cast<char>('0' + check % 10);
  });
}

// A coordinate in [min, max] with `precision` decimals; faker.js's order of arguments is (max, min,
// precision).
Result<GeneratorPtr> make_coordinate(const Call& call, double limit) {
  TARN_CHECK(call.at_most(3));
  TARN_TRY(const double max, call.number(0, "max", limit));
  TARN_TRY(const double min, call.number(1, "min", -limit));
  TARN_TRY(const std::int64_t decimals, call.whole(2, "precision", 4, 0, 9));
  if (max < min || max > limit || min < -limit) {
    return call.fail(call.arguments[0].place,
                     fmt::format("needs {} >= max >= min >= -{}", limit, limit));
  }
  const auto power = static_cast<double>(kPowers[static_cast<std::size_t>(decimals)]);
  const auto low = static_cast<std::int64_t>(std::ceil(min * power));
  const auto high = static_cast<std::int64_t>(std::floor(max * power));
  if (high < low)
    return call.fail(call.arguments[0].place,
                     "no coordinate with that many decimals lies in the range");
  return make_generator(
      [low, high, places = static_cast<int>(decimals)](RenderState& state, std::string& out) {
        put_fixed(state.random.between(low, high), places, out);
      });
}

Result<GeneratorPtr> make_latitude(const Call& call) {
  return make_coordinate(call, 90);
}
Result<GeneratorPtr> make_longitude(const Call& call) {
  return make_coordinate(call, 180);
}

// address.zipCode("#####-####")
Result<GeneratorPtr> make_zip_code(const Call& call) {
  TARN_CHECK(call.at_most(1));
  TARN_TRY(std::string format, call.text(0, "format", "#####"));
  return make_generator([format = std::move(format)](RenderState& state, std::string& out) {
    for (const char c : format) {
      out.push_back(c == '#' ? static_cast<char>('0' + state.random.below(10)) : c);
    }
  });
}

constexpr Function kCommerceFunctions[] = {
    {"commerce.price", make_price},
    {"finance.amount", make_amount},
    {"finance.account", make_account},
    {"finance.mask", make_mask},
    {"finance.creditCardNumber", make_credit_card},
    {"finance.iban", make_iban},
    {"address.latitude", make_latitude},
    {"address.longitude", make_longitude},
    {"address.zipCode", make_zip_code},
};

}  // namespace

std::span<const Function> commerce_functions() {
  return kCommerceFunctions;
}

}  // namespace tarn::generator
