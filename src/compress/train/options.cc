#include <algorithm>
#include <span>

#include "compress/train/train.h"

namespace mote::compress {
namespace {

struct Row {
  std::string_view network;
  std::string_view data;
  int32_t epochs;
  float learning_rate;
  float weight_decay;
  int32_t crop;
  bool flip;
};

constexpr Row kRecipes[] = {
#define MOTE_RECIPE(network, data, epochs, learning_rate, weight_decay, crop, flip) \
  {network, data, epochs, learning_rate, weight_decay, crop, flip},
#include "compress/train/recipes.inc"
#undef MOTE_RECIPE
};

// In the order of the enumerations.
constexpr std::string_view kOptimizers[] = {"sgd", "adamw"};
constexpr std::string_view kSchedules[] = {"one_cycle", "cosine"};
constexpr std::string_view kBf16[] = {"automatic", "on", "off"};

template <class Enum>
std::optional<Enum> parse(std::span<const std::string_view> names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

bool fits(std::string_view pattern, std::string_view name) {
  return pattern == "*" || pattern == name;
}

}  // namespace

std::optional<Optimizer> parse_optimizer(std::string_view name) {
  return parse<Optimizer>(kOptimizers, name);
}
std::optional<Schedule> parse_schedule(std::string_view name) {
  return parse<Schedule>(kSchedules, name);
}
std::optional<Bf16> parse_bf16(std::string_view name) {
  return parse<Bf16>(kBf16, name);
}

std::string_view name_of(Optimizer optimizer) {
  return kOptimizers[static_cast<size_t>(optimizer)];
}
std::string_view name_of(Schedule schedule) {
  return kSchedules[static_cast<size_t>(schedule)];
}
std::string_view name_of(Bf16 bf16) {
  return kBf16[static_cast<size_t>(bf16)];
}

TrainOptions default_options(std::string_view network, std::string_view dataset) {
  if (network.starts_with("zoo:")) network.remove_prefix(4);
  network = network.substr(0, network.find('?'));
  TrainOptions options;
  for (const Row& row : kRecipes) {
    if (!fits(row.network, network) || !fits(row.data, dataset)) continue;
    options.epochs = row.epochs;
    options.learning_rate = row.learning_rate;
    options.weight_decay = row.weight_decay;
    options.crop = row.crop;
    options.flip = row.flip;
    break;
  }
  return options;
}

}  // namespace mote::compress
