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

bool fits(std::string_view pattern, std::string_view name) {
  return pattern == "*" || pattern == name;
}

}  // namespace

std::optional<Schedule> parse_schedule(std::string_view name) {
  if (name == "one_cycle") return Schedule::one_cycle;
  if (name == "cosine") return Schedule::cosine;
  return std::nullopt;
}

std::optional<Bf16> parse_bf16(std::string_view name) {
  if (name == "automatic") return Bf16::automatic;
  if (name == "on") return Bf16::on;
  if (name == "off") return Bf16::off;
  return std::nullopt;
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
