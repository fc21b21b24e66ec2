#include "ops/tiling.h"

#include <cstring>
#include <span>

namespace mote {
namespace {

enum { kWeights = 1, kBias = 2, kMultiplier = 3, kShift = 4 };

constexpr int64_t kMaxScratchBytes = int64_t{1} << 28;
constexpr int64_t kSlackBytes = 16;  // a step reads beyond the last element of a run

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

template <class T>
std::vector<T> elements_of(const Constant& constant) {
  std::vector<T> elements(constant.data.size() / sizeof(T));
  if (!elements.empty())
    std::memcpy(elements.data(), constant.data.data(), elements.size() * sizeof(T));
  return elements;
}

template <class T>
void replace(Constant& constant, DType dtype, const std::vector<T>& elements) {
  constant.type = {dtype, {static_cast<int32_t>(elements.size())}, {}};
  constant.data = to_bytes(std::span<const T>(elements));
}

class Packer {
 public:
  Packer(const TiledLayer& layer, const TileFormat& format) : layer_(layer), format_(format) {}

  int64_t channel_weights() const { return int64_t{layer_.runs} * layer_.run_elements; }

  // [O][run][element] becomes [block][run][step][channel][element of the step].
  template <class T>
  std::vector<T> weights(const std::vector<int8_t>& weights) const {
    const int64_t run = round_up(layer_.run_elements, format_.step);
    const int64_t block_weights = layer_.runs * run * format_.channels;
    std::vector<T> packed(static_cast<size_t>(blocks() * block_weights));
    for (int32_t o = 0; o < layer_.output_channels; o++) {
      const int64_t slot = slot_of(o);
      const int64_t block = slot / format_.channels * block_weights;
      for (int64_t i = 0; i < channel_weights(); i++) {
        const int64_t element = i / layer_.run_elements * run + i % layer_.run_elements;
        const int64_t step = element / format_.step * format_.channels + slot % format_.channels;
        packed[static_cast<size_t>(block + step * format_.step + element % format_.step)] =
            weights[static_cast<size_t>(o * channel_weights() + i)];
      }
    }
    return packed;
  }

  // The kernel adds up weight * (input + offset): what is too much in that goes into the bias,
  // modulo 2^32 like the sums.
  std::vector<int32_t> bias(const std::vector<int32_t>& bias,
                            const std::vector<int8_t>& weights) const {
    std::vector<int32_t> folded(static_cast<size_t>(layer_.output_channels));
    for (size_t o = 0; o < folded.size(); o++) {
      int64_t sum = 0;
      const auto first = weights.begin() + static_cast<ptrdiff_t>(o) * channel_weights();
      for (auto weight = first; weight != first + channel_weights(); ++weight) sum += *weight;
      const int64_t surplus = format_.offset == 0 ? 0 : format_.offset + layer_.input_zero_point;
      folded[o] = static_cast<int32_t>((bias.empty() ? 0 : bias[o]) - surplus * sum);
    }
    return blocked(folded);
  }

  // By channel, with zeros for those that fill up the last block of each group.
  template <class T>
  std::vector<T> blocked(const std::vector<T>& values) const {
    std::vector<T> slots(static_cast<size_t>(blocks() * format_.channels));
    for (int32_t o = 0; o < layer_.output_channels; o++)
      slots[static_cast<size_t>(slot_of(o))] = values[static_cast<size_t>(o)];
    return slots;
  }

 private:
  int64_t group_slots() const { return round_up(layer_.group_outputs, format_.channels); }
  int64_t blocks() const {
    return layer_.output_channels / layer_.group_outputs * group_slots() / format_.channels;
  }
  int64_t slot_of(int32_t channel) const {
    return channel / layer_.group_outputs * group_slots() + channel % layer_.group_outputs;
  }

  const TiledLayer& layer_;
  const TileFormat& format_;
};

}  // namespace

bool pack_tiles(const TiledLayer& layer, const TileFormat& format, Call& call,
                std::vector<Constant>& constants) {
  const int64_t element_bytes = format.offset == 0 ? 2 : 1;
  const int64_t scratch_bytes = layer.window_elements * element_bytes + kSlackBytes;
  if (scratch_bytes > kMaxScratchBytes) return false;
  if (call.operands[kBias].space == Space::none) {
    const auto index = static_cast<int32_t>(constants.size());
    constants.push_back({call.origin + "_bias", {DType::int32, {0}, {}}, MOTE_STORAGE_DENSE8, {}});
    call.operands[kBias] = {Space::constant, index, 0, 0, 0, constants.back().type};
  }
  const auto operand = [&](size_t which) -> Constant& {
    return constants.at(static_cast<size_t>(call.operands[which].index));
  };
  const Packer packer(layer, format);
  const auto weights = elements_of<int8_t>(operand(kWeights));
  replace(operand(kBias), DType::int32, packer.bias(elements_of<int32_t>(operand(kBias)), weights));
  replace(operand(kMultiplier), DType::int32,
          packer.blocked(elements_of<int32_t>(operand(kMultiplier))));
  replace(operand(kShift), DType::int8, packer.blocked(elements_of<int8_t>(operand(kShift))));
  if (element_bytes == 1)
    replace(operand(kWeights), DType::int8, packer.weights<int8_t>(weights));
  else
    replace(operand(kWeights), DType::int16, packer.weights<int16_t>(weights));
  operand(kWeights).storage = MOTE_STORAGE_TILES;
  for (size_t which : {kWeights, kBias, kMultiplier, kShift})
    call.operands[which].type = operand(which).type;
  call.scratch_bytes = static_cast<int32_t>(scratch_bytes);
  return true;
}

}  // namespace mote
