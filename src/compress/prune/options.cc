// The names of what a recipe chooses from, in the order of the enumerations.
#include "compress/prune/prune.h"

namespace mote::compress {
namespace {

constexpr std::string_view kPruned[] = {"weights", "blocks", "n_of_m", "channels"};
constexpr std::string_view kCriteria[] = {"magnitude", "taylor", "batch_norm", "reconstruction"};
constexpr std::string_view kScopes[] = {"network", "layer"};

constexpr std::string_view kGrowths[] = {"cubic", "linear"};

}  // namespace

template <>
std::span<const std::string_view> choices<Pruned>() {
  return kPruned;
}
template <>
std::span<const std::string_view> choices<Criterion>() {
  return kCriteria;
}
template <>
std::span<const std::string_view> choices<Scope>() {
  return kScopes;
}
template <>
std::span<const std::string_view> choices<Growth>() {
  return kGrowths;
}

double grown(Growth growth, double done) {
  const double left = 1 - done;
  return growth == Growth::cubic ? 1 - left * left * left : done;
}

}  // namespace mote::compress
