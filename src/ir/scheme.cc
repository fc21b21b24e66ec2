#include "ir/scheme.h"

#include <algorithm>

namespace mote {
namespace {

constexpr SchemeInfo kSchemes[] = {
#define MOTE_SCHEME(name, activations, weights, least_weight_bits, bias, least_elements, \
                    description)                                                         \
  {Scheme::name,      #name,       DType::activations, DType::weights,                   \
   least_weight_bits, DType::bias, least_elements,     description},
#include "ir/schemes.inc"
#undef MOTE_SCHEME
};

}  // namespace

std::span<const SchemeInfo> schemes() {
  return kSchemes;
}

const SchemeInfo& info_of(Scheme scheme) {
  return kSchemes[static_cast<size_t>(scheme)];
}

std::string_view name_of(Scheme scheme) {
  return info_of(scheme).name;
}

std::optional<Scheme> parse_scheme(std::string_view name) {
  const auto* found = std::ranges::find(kSchemes, name, &SchemeInfo::name);
  if (found == std::end(kSchemes)) return std::nullopt;
  return found->scheme;
}

}  // namespace mote
