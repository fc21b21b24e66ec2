#include <algorithm>

#include <fmt/format.h>

#include "autograd/network.h"
#include "base/error.h"
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

}  // namespace

template <>
std::span<const std::string_view> choices<Optimizer>() {
  return kOptimizers;
}
template <>
std::span<const std::string_view> choices<Schedule>() {
  return kSchedules;
}
template <>
std::span<const std::string_view> choices<Bf16>() {
  return kBf16;
}

namespace {

bool fits(std::string_view pattern, std::string_view name) {
  return pattern == "*" || pattern == name;
}

}  // namespace

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

void check_options(const TrainOptions& o) {
  const auto within = [](const char* name, double value, double min, double max) {
    if (!(value >= min && value <= max))
      throw Error(ErrorKind::usage, fmt::format("{} is {}", name, value), "training",
                  fmt::format("from {} to {}", min, max));
  };
  within("epochs", o.epochs, 1, 100000);
  within("threads", o.threads, 1, 256);
  within("batch", o.batch, o.threads, 1 << 20);
  within("learning rate", o.learning_rate, 0, 100);
  within("momentum", o.momentum, 0, 0.9999);
  within("beta2", o.beta2, 0, 0.999999);
  within("weight decay", o.weight_decay, 0, 1);
  within("crop", o.crop, 0, 127);
  within("cutout", o.cutout, 0, 4096);
  within("affine", o.affine, 0, 1);
  within("label smoothing", o.label_smoothing, 0, 0.999);
  within("EMA decay", o.ema_decay, 0, 0.999999);
  within("distillation", o.distillation, 0, 1);
  within("temperature", o.temperature, 0.01, 1000);
  within("rate", o.rate, 0, 1);
}

TrainOptions settled(TrainOptions options, int32_t images) {
  options.batch = std::min(options.batch, images);
  if (options.bf16 == Bf16::automatic)
    options.bf16 = autograd::gains_from_bf16() ? Bf16::on : Bf16::off;
  return options;
}

}  // namespace mote::compress
