#include "ops/tiled/tiling.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>

#include "ops/kernel.h"
#include "runtime/arithmetic/requantize.h"

namespace mote {
namespace {

enum { kWeights = 1, kBias = 2, kMultiplier = 3, kShift = 4, kOutput = 5 };

constexpr int64_t kStripBytes = int64_t{1} << 15;  // stays in the first cache
constexpr int64_t kMaxScratchBytes = int64_t{1} << 28;
constexpr int64_t kSlackBytes = 2 * 64;  // the kernel aligns it, and reads beyond its last element

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

// The constants of the reference kernel; biases of all widths, 0 where there are none.
struct Channels {
  std::vector<int8_t> weights;
  std::vector<int64_t> bias;
  std::vector<int32_t> multiplier;
  std::vector<int8_t> shift;
};

class Tiling {
 public:
  Tiling(const TiledLayer& layer, const TileFormat& format, Channels channels)
      : p_(layer.params),
        window_width_(layer.window_width),
        int16_(layer.int16),
        format_(format),
        channels_(std::move(channels)) {
    step_ = int16_ ? MOTE_STEP_S16 : format_.step_s8;
    element_bytes_ = int16_ || format_.offset_s8 == 0 ? 2 : 1;
    // A row of the window is one run of elements where nothing lies between its taps.
    const bool depthwise = p_.depth_multiplier > 0;
    const bool whole_rows = p_.dilation_width == 1 && p_.group_inputs == p_.input_channels;
    const int32_t width = window_width_;
    run_elements_ = depthwise ? width : p_.group_inputs * (whole_rows ? width : 1);
    runs_ = p_.window_height * (depthwise || whole_rows ? 1 : width);
    const auto steps = static_cast<int32_t>(round_up(run_elements_, step_) / step_);
    p_.taps = depthwise ? steps : (whole_rows ? 1 : width);
    p_.tap_pixels = p_.dilation_width * (depthwise ? step_ : 1);
    p_.steps = depthwise ? 1 : steps;
  }

  // How much of the padded input is there at once. False where one row of outputs needs too much.
  bool plan_strips(int32_t output_rows) {
    const bool depthwise = p_.depth_multiplier > 0;
    const int64_t reach = depthwise ? int64_t{p_.taps - 1} * p_.tap_pixels
                                    : int64_t{window_width_ - 1} * p_.dilation_width;
    const int64_t pixels = int64_t{p_.output_width - 1} * p_.stride_width + reach + 1;
    const int64_t elements = int64_t{p_.input_channels} * (depthwise ? p_.depth_multiplier : 1);
    const int64_t row_bytes = pixels * elements * (depthwise ? step_ : 1) * element_bytes_;
    // of one row before it is interleaved
    const int64_t single = (pixels + int64_t{step_ - 1} * p_.dilation_width) * elements;
    const int64_t single_bytes = depthwise ? single * element_bytes_ : 0;
    const auto bytes = [&](int32_t rows) {
      return mote_tiled_padded_rows(&p_, rows) * row_bytes + single_bytes + kSlackBytes;
    };
    if (row_bytes > kMaxScratchBytes || bytes(1) > kMaxScratchBytes) return false;
    p_.strip_rows = 1;
    while (p_.strip_rows < output_rows && bytes(p_.strip_rows + 1) <= kStripBytes) p_.strip_rows++;
    p_.padded_pixels = static_cast<int32_t>(pixels);
    p_.pixel_elements = static_cast<int32_t>(elements * (depthwise ? step_ : 1));
    scratch_bytes_ = static_cast<int32_t>(bytes(p_.strip_rows));
    return true;
  }

  // What mote_rescale asks for; sums of 64 bits have been proven by the reference's `lower`.
  bool sums_fit() const {
    if (p_.wide) return true;
    const int64_t largest = int16_ ? 32768
                                   : std::max(127 - p_.input_zero_point,  //
                                              p_.input_zero_point + 128);
    for (int32_t o = 0; o < p_.output_channels; o++) {
      int64_t bound = std::abs(channels_.bias[static_cast<size_t>(o)]);
      for (int64_t i = 0; i < channel_weights(); i++) bound += largest * std::abs(weight(o, i));
      const int32_t shift = channels_.shift[static_cast<size_t>(o)];
      const int64_t half = shift < 0 ? int64_t{1} << (-shift - 1) : 0;
      const int64_t raised = bound << std::max(shift, 0);  // below 2^31: so the reference asks
      const int64_t high = raised * channels_.multiplier[static_cast<size_t>(o)] >> 31;
      if (high + 1 + half >= int64_t{1} << 31) return false;
    }
    return true;
  }

  const mote_tiled_params& params() const { return p_; }
  int32_t scratch_bytes() const { return scratch_bytes_; }

  // [O][run][element] becomes [block][run][step][channel][element of the step].
  void pack_weights(Constant& constant) const {
    if (element_bytes_ == 1)
      replace(constant, DType::int8, packed_weights<int8_t>());
    else
      replace(constant, DType::int16, packed_weights<int16_t>());
    constant.storage = MOTE_STORAGE_TILES;
  }

  // The kernel adds up weight * (input + offset): what is too much in that goes into the bias,
  // modulo 2^32 like the sums.
  void pack_bias(Constant& constant) const {
    const int32_t offset = int16_ ? 0 : format_.offset_s8;
    const int64_t surplus = offset == 0 ? 0 : offset + p_.input_zero_point;
    std::vector<int32_t> bias;
    for (int32_t o = 0; o < p_.output_channels; o++) {
      int64_t sum = 0;
      for (int64_t i = 0; i < channel_weights(); i++) sum += weight(o, i);
      bias.push_back(static_cast<int32_t>(channels_.bias[static_cast<size_t>(o)] - surplus * sum));
    }
    replace(constant, DType::int32, blocked(bias));
  }

  // Scaled as the sums will be; in each block the even channels before the odd ones.
  void pack_wide_bias(Constant& constant) const {
    std::vector<int64_t> scaled;
    for (size_t o = 0; o < channels_.bias.size(); o++)
      scaled.push_back(
          mote_scale_s64(channels_.bias[o], channels_.multiplier[o], channels_.shift[o]));
    const std::vector<int64_t> slots = blocked(scaled);
    std::vector<int64_t> split(slots.size());
    const auto lanes = static_cast<size_t>(format_.lanes);
    for (size_t i = 0; i < slots.size(); i++) {
      const size_t lane = i % lanes;
      split[i - lane + lane % 2 * (lanes / 2) + lane / 2] = slots[i];
    }
    replace(constant, DType::int64, split);
  }

  void pack_rescaling(Constant& multipliers, Constant& shifts) const {
    std::vector<int32_t> multiplier = channels_.multiplier;
    std::vector<int8_t> shift = channels_.shift;
    if (p_.wide) {
      for (int32_t& m : multiplier) m = mote_reduce_multiplier(m);
      for (int8_t& s : shift) s = static_cast<int8_t>(15 - s);
    }
    replace(multipliers, DType::int32, blocked(multiplier));
    replace(shifts, DType::int8, blocked(shift));
  }

 private:
  int64_t channel_weights() const { return int64_t{runs_} * run_elements_; }

  // Weight `i` of a channel, in the order of the runs: channels are first in the tensor, or last.
  int64_t weight(int32_t channel, int64_t i) const {
    const int64_t at = p_.depth_multiplier > 0 ? i * p_.output_channels + channel
                                               : channel * channel_weights() + i;
    return channels_.weights[static_cast<size_t>(at)];
  }

  template <class T>
  std::vector<T> packed_weights() const {
    const int64_t run = round_up(run_elements_, step_);
    const int64_t block_weights = runs_ * run * format_.lanes;
    std::vector<T> packed(static_cast<size_t>(blocks() * block_weights));
    for (int32_t o = 0; o < p_.output_channels; o++) {
      const int64_t slot = slot_of(o);
      const int64_t block = slot / format_.lanes * block_weights;
      for (int64_t i = 0; i < channel_weights(); i++) {
        const int64_t element = i / run_elements_ * run + i % run_elements_;
        const int64_t step = element / step_ * format_.lanes + slot % format_.lanes;
        packed[static_cast<size_t>(block + step * step_ + element % step_)] =
            static_cast<T>(weight(o, i));
      }
    }
    return packed;
  }

  // By channel, with zeros for those that fill up the last block of each group.
  template <class T>
  std::vector<T> blocked(const std::vector<T>& values) const {
    std::vector<T> slots(static_cast<size_t>(blocks() * format_.lanes));
    for (int32_t o = 0; o < p_.output_channels; o++)
      slots[static_cast<size_t>(slot_of(o))] = values[static_cast<size_t>(o)];
    return slots;
  }

  int64_t group_slots() const { return round_up(p_.group_outputs, format_.lanes); }
  int64_t blocks() const {
    return p_.output_channels / p_.group_outputs * group_slots() / format_.lanes;
  }
  int64_t slot_of(int32_t channel) const {
    return channel / p_.group_outputs * group_slots() + channel % p_.group_outputs;
  }

  mote_tiled_params p_;
  int32_t window_width_;
  bool int16_;
  const TileFormat& format_;
  Channels channels_;
  int32_t step_ = 0;
  int64_t element_bytes_ = 0;
  int32_t run_elements_ = 0;
  int32_t runs_ = 0;
  int32_t scratch_bytes_ = 0;
};

std::vector<int64_t> biases_of(const Constant* constant, int32_t channels) {
  if (constant == nullptr) return std::vector<int64_t>(static_cast<size_t>(channels));
  if (constant->type.dtype == DType::int64) return elements_of<int64_t>(*constant);
  const std::vector<int32_t> narrow = elements_of<int32_t>(*constant);
  return {narrow.begin(), narrow.end()};
}

}  // namespace

bool tile(const TiledLayer& layer, const TileFormat& format, Call& call,
          std::vector<Constant>& constants) {
  const auto operand = [&](size_t which) -> Constant& {
    return constants.at(static_cast<size_t>(call.operands[which].index));
  };
  const bool has_bias = call.operands[kBias].space != Space::none;
  Tiling tiling(layer, format,
                {elements_of<int8_t>(operand(kWeights)),
                 biases_of(has_bias ? &operand(kBias) : nullptr, layer.params.output_channels),
                 elements_of<int32_t>(operand(kMultiplier)), elements_of<int8_t>(operand(kShift))});
  if (!tiling.sums_fit() || !tiling.plan_strips(call.operands[kOutput].ring_rows)) return false;
  if (!has_bias) {
    const auto index = static_cast<int32_t>(constants.size());
    constants.push_back({call.origin + "_bias", {DType::int32, {0}, {}}, MOTE_STORAGE_DENSE8, {}});
    call.operands[kBias] = {Space::constant, index, 0, 0, 0, {}};
  }
  tiling.pack_weights(operand(kWeights));
  if (layer.params.wide)
    tiling.pack_wide_bias(operand(kBias));
  else
    tiling.pack_bias(operand(kBias));
  tiling.pack_rescaling(operand(kMultiplier), operand(kShift));
  for (size_t which : {kWeights, kBias, kMultiplier, kShift})
    call.operands[which].type = operand(which).type;
  call.params = make_params(tiling.params());
  call.scratch_bytes = tiling.scratch_bytes();
  return true;
}

}  // namespace mote
