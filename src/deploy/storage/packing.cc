#include "deploy/storage/packing.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

extern "C" {
#include "runtime/taps.h"
}

namespace mote::deploy {
namespace {

// A tile is decoded once per call, so its size hardly matters for speed.
constexpr int32_t kTileBytes = 2048;
constexpr int32_t kTileAlignmentBytes = 16;
constexpr int32_t kStateAlignmentBytes = 8;
// So many channels kernels by pairs take at a time.
constexpr int32_t kChannelsByPairs = 2;
// A storage may be so much of the smallest one larger if it is faster.
constexpr int64_t kFasterShare = 16;
// Fewer zeros than that in a number of weights save nothing in any sparse storage.
constexpr int64_t kFewestZeros = 32;
// So much longer may a layer take in a slow storage.
constexpr double kSlower = 1.25;
// Of code, on Cortex-M0 and M4: a decoder, one of a sparse storage, and a sparse variant of a
// kernel.
constexpr int64_t kDecoderBytes = 300;
constexpr int64_t kSparseDecoderBytes = 500;
constexpr int64_t kVariantBytes = 1100;
constexpr int64_t kVariantByPairsBytes = 3000;

// Instructions of the portable kernels, between those that a Cortex-M0 and an M4 take
// (bench/sparsity.cc): of dense weights for each use, and to decode each; of sparse ones for each
// weight that the walk passes, and for each that is kept to make a tap, to use one, or to multiply
// where it lies; and for each run.
constexpr double kDense = 8;
constexpr double kDecode = 5;
constexpr double kWalk = 3;
constexpr double kTake = 10;
constexpr double kTap = 5;
constexpr double kProduct = 5;
constexpr double kRun = 12;

// Of a slow storage: the code of its decoder, and the instructions of each bit that this makes out.
// It must be smaller by more than the share of what there is, or than the other where weights would
// stay as they are, which takes no scratch.
struct SlowCost {
  mote_storage storage;
  int64_t code_bytes;
  double bit;
  int64_t share;
  int64_t share_of_plain;
};
constexpr SlowCost kSlowCosts[] = {{MOTE_STORAGE_HUFFMAN, 270, 12, 16, 8},
                                   {MOTE_STORAGE_RANGE, 400, 47, 4, 4}};

SlowCost slow_cost(const Storage& storage) {
  return *std::ranges::find(kSlowCosts, storage.storage, &SlowCost::storage);
}

// By pairs a dense weight takes an eighth of that. All is counted as if it took as much, so that
// storages are chosen as for other cores, and what skips zeros is counted in dense weights: two
// that are kept, for each use, what there is to do for each output, and what taps take more of
// (twice what the innermost loops say, as they take more at borders).
constexpr double kPair = 2.2;
constexpr double kPairsOutput = 28;
constexpr double kTapsByPairs = 13;

bool by_pairs(const Kernel& kernel) {
  return kernel.isa == "dsp";
}

// The variants that skip zeros, the better ones first.
std::vector<const Kernel*> sparse_variants(const Call& call, const PackingRules& rules) {
  std::vector<const Kernel*> variants;
  for (const Kernel& kernel : kernels())
    if (kernel.name == call.kernel && kernel.weights == Weights::sparse &&
        std::ranges::count(rules.isa, kernel.isa) > 0)
      variants.push_back(&kernel);
  std::ranges::sort(variants, std::greater(), &Kernel::priority);
  return variants;
}

// The operand `weights` where the kernel reads it in storages and it is plain; else null.
Operand* packable(Call& call, const std::vector<Constant>& constants) {
  const Weights reads = find_kernel(call.kernel, call.variant).weights;
  if (reads != Weights::decoded && reads != Weights::sparse) return nullptr;
  const auto operand = std::ranges::find(call.operands, Space::weights, &Operand::space);
  if (operand == call.operands.end()) return nullptr;
  const Constant& constant = constants.at(static_cast<size_t>(operand->index));
  return storage_of(constant).coded() ? nullptr : &*operand;
}

std::optional<Encoded> encoded(const Storage& storage, const Constant& weights, DType dtype) {
  const DType element = weights.storage == MOTE_STORAGE_F32 ? DType::float32 : DType::int8;
  if (!storage.coded() || storage.element != element) return std::nullopt;
  if (weights.layout.run != 0 && !storage.sparse()) return std::nullopt;
  return storage.encode(weights, dtype);
}

// By channel, the bytes of a tile of it alone: dense, or as taps. Products need none.
std::vector<int64_t> channel_bytes(const Storage& storage, const Constant& weights) {
  const WeightLayout& layout = weights.layout;
  const int64_t elements = int64_t{layout.outer} * layout.inner;
  std::vector<int64_t> bytes(static_cast<size_t>(layout.channels),
                             elements * size_of(storage.element));
  if (layout.run == 0) return bytes;
  if (layout.run == MOTE_RUN_PRODUCTS) return std::vector<int64_t>(bytes.size(), 0);
  const std::span<const int8_t> all = elements_of<int8_t>(weights);  // of outer 1
  for (size_t c = 0; c < bytes.size(); c++) {
    const auto channel =
        all.subspan(c * static_cast<size_t>(layout.inner), static_cast<size_t>(layout.inner));
    const int64_t taps = std::ssize(channel) - std::ranges::count(channel, 0);
    bytes[c] =
        (1 + layout.inner / layout.run + taps) * static_cast<int64_t>(sizeof(mote_taps_entry));
  }
  return bytes;
}

// Of the largest of the tiles of so many channels.
int64_t tile_bytes(const std::vector<int64_t>& channels, int32_t tile_channels) {
  int64_t most = 0, sum = 0;
  for (size_t c = 0; c < channels.size(); c++) {
    if (c % static_cast<size_t>(tile_channels) == 0) sum = 0;
    sum += channels[c];
    most = std::max(most, sum);
  }
  return most;
}

// At least so many.
int32_t fitting_channels(const std::vector<int64_t>& channels, int32_t fewest) {
  const int64_t smallest = std::max<int64_t>(std::ranges::min(channels), 1);
  auto count = static_cast<int32_t>(
      std::max<int64_t>(std::min<int64_t>(kTileBytes / smallest, std::ssize(channels)), 1));
  while (count > 1 && tile_bytes(channels, count) > kTileBytes) count--;
  if (count > fewest) count -= count % fewest;
  return std::max(count, fewest);
}

int32_t next_multiple(int32_t bytes, int32_t of) {
  return (bytes + of - 1) / of * of;
}

void put(const Storage& storage, Encoded encoded, int32_t tile_channels, Call& call,
         Operand& operand, Constant& constant) {
  WeightLayout& layout = constant.layout;
  const std::vector<int64_t> channels = channel_bytes(storage, constant);
  const Kernel& kernel = find_kernel(call.kernel, call.variant);
  const int32_t fewest =
      by_pairs(kernel) && kernel.weights == Weights::decoded ? kChannelsByPairs : 1;
  const int32_t wanted = tile_channels > 0 ? tile_channels : fitting_channels(channels, fewest);
  layout.tile_channels = std::min(wanted, layout.channels);
  layout.tile_offset_bytes = next_multiple(call.scratch_bytes, kTileAlignmentBytes);
  auto decoded_bytes = static_cast<int32_t>(tile_bytes(channels, layout.tile_channels));
  if (storage.state_bytes > 0)
    decoded_bytes = next_multiple(decoded_bytes, kStateAlignmentBytes) + storage.state_bytes;
  call.scratch_bytes = layout.tile_offset_bytes + decoded_bytes;

  const auto elements = static_cast<int32_t>(std::ssize(encoded.bytes) / size_of(storage.stored));
  constant.type = {storage.stored, {elements}, {}};
  constant.storage = storage.storage;
  constant.data = std::move(encoded.bytes);
  constant.mask_bytes = static_cast<int32_t>(encoded.mask_bytes);
  operand.type = constant.type;
}

struct Option {
  const Storage* storage = nullptr;  // null: the weights as they are
  Encoded encoded = {};
  int64_t bytes = 0;
  bool skips_zeros = false;
  double instructions = 0;
  bool refused = false;
};

// How often each weight is used, and what that costs.
struct Work {
  int64_t weights = 0;
  int64_t zeros = 0;
  int64_t pairs = 0;  // that are not both 0
  int64_t channels = 0;
  int64_t positions = 0;
  const Kernel* variant = nullptr;  // that skips zeros
  int32_t run = 0;                  // as it reads them
  double tap_scale = 1;             // of what taps take, for their uses

  double dense(bool decoded) const {
    const double uses = static_cast<double>(positions) * kDense + (decoded ? kDecode : 0);
    return uses * static_cast<double>(weights);
  }
  double sparse() const {
    const auto taps = static_cast<double>(weights - zeros), n = static_cast<double>(positions);
    const auto all = static_cast<double>(weights);
    if (run == MOTE_RUN_PRODUCTS) return n * (all * kWalk + taps * kProduct);
    if (run == 0) {
      const double used =
          static_cast<double>(pairs) * kPair + static_cast<double>(channels) * kPairsOutput;
      return n * used * kDense + all * kDecode;
    }
    const double uses = taps * kTap + all / run * kRun;
    return n * uses * tap_scale + taps * kTake + all * kWalk;
  }
};

int64_t count_pairs(const Constant& constant) {
  const int32_t inner = constant.layout.inner;
  int64_t count = 0;
  for (auto channel = constant.data.begin(); channel != constant.data.end(); channel += inner)
    for (int32_t k = 0; k < inner; k += 2)
      count += channel[k] != 0 || (k + 1 < inner && channel[k + 1] != 0);
  return count;
}

Work work_of(const Call& call, const Call& reference, const Operand& operand,
             std::vector<Constant>& constants, const PackingRules& rules) {
  Constant& constant = constants.at(static_cast<size_t>(operand.index));
  const WeightLayout& layout = constant.layout;
  Work work;
  work.weights = int64_t{layout.outer} * layout.channels * layout.inner;
  if (constant.storage != MOTE_STORAGE_DENSE8) return work;
  if (by_pairs(find_kernel(call.kernel, call.variant))) work.tap_scale = kTapsByPairs;
  work.zeros = std::ranges::count(constant.data, 0);
  work.pairs = count_pairs(constant);
  work.channels = layout.channels;
  work.positions = element_count(call.operands.back().type.shape) / layout.channels;
  for (const Kernel* variant : sparse_variants(call, rules)) {
    Call trial = reference;
    if (!choose(*variant, trial, constants)) continue;
    // A tile is of one channel at least, whose taps may take four times what its dense weights do.
    const int64_t largest = std::ranges::max(channel_bytes(storage_of(constant), constant));
    work.run = std::exchange(constant.layout.run, 0);
    if (largest > 2 * std::max<int64_t>(kTileBytes, layout.inner)) continue;
    work.variant = variant;
    break;
  }
  return work;
}

// Those never given up: the weights as they are, and the storages of types that graphs have, of
// whose decoders each is but a loop, which counts all the same where flash is preferred.
bool kept(const Option& option, Preference prefer) {
  if (option.storage == nullptr || option.storage->storage == MOTE_STORAGE_F16) return true;
  return prefer == Preference::balance && option.storage->storage == MOTE_STORAGE_DENSE4;
}

template <class Of>
int64_t smallest(const std::vector<Option>& options, const Of& of) {
  int64_t bytes = options.front().bytes;
  for (const Option& option : options)
    if (of(option)) bytes = std::min(bytes, option.bytes);
  return bytes;
}

bool quick(const Option& option) {
  return option.storage == nullptr || !option.storage->slow;
}

bool quick_and_dense(const Option& option) {
  return quick(option) && (option.storage == nullptr || !option.storage->sparse());
}

std::vector<Option> options_of(const Constant& constant, DType dtype, const Work& work,
                               const PackingRules& rules) {
  const auto plain = std::ssize(constant.data);
  std::vector<Option> options = {{.bytes = plain, .instructions = work.dense(false)}};
  const bool sparse = work.zeros * kFewestZeros >= work.weights;
  for (const Storage& storage : storages()) {
    if (storage.sparse() && !sparse) continue;
    std::optional<Encoded> data = encoded(storage, constant, dtype);
    if (!data || std::ssize(data->bytes) >= plain) continue;
    Option option{&storage, std::move(*data)};
    option.bytes = std::ssize(option.encoded.bytes);
    option.instructions = work.dense(true);
    if (storage.slow)
      option.instructions += slow_cost(storage).bit * static_cast<double>(option.encoded.bits);
    const bool variants = rules.variants && rules.prefer == Preference::balance;
    if (storage.sparse() && variants && work.variant != nullptr &&
        work.sparse() < work.dense(true)) {
      option.skips_zeros = true;
      option.instructions = work.sparse();
    }
    option.refused = std::ranges::count(rules.refused, storage.storage) > 0;
    options.push_back(std::move(option));
  }
  return options;
}

// The fastest of those that are hardly larger than the smallest, and than no dense one, or a slow
// one that is clearly smaller and does not show in the layer's instructions: not next to those of a
// dense one, where a sparse one would only be chosen because a smaller dense one is refused.
Option& best_of(std::vector<Option>& options, const Work& work, int64_t least_dense) {
  const int64_t least = smallest(options, quick);
  const int64_t most = std::min(least + least / kFasterShare, smallest(options, quick_and_dense));
  Option* best = nullptr;
  for (Option& option : options) {
    if (!quick(option) || option.bytes > most) continue;
    const auto rank = [](const Option& o) { return std::pair(o.instructions, o.bytes); };
    if (best == nullptr || rank(option) < rank(*best)) best = &option;
  }
  const bool larger = best->bytes > least_dense;
  // By pairs, what is skipped is worth more than such a storage saves.
  if (best->skips_zeros && by_pairs(*work.variant) && !larger) return *best;
  const double longest = kSlower * (larger ? work.dense(true) : best->instructions);
  for (Option& option : options) {
    if (quick(option) || option.instructions > longest) continue;
    const SlowCost cost = slow_cost(*option.storage);
    const int64_t share = best->storage == nullptr ? cost.share_of_plain : cost.share;
    if (option.bytes + best->bytes / share < best->bytes) best = &option;
  }
  return *best;
}

Option& smallest_of(std::vector<Option>& options) {
  return *std::ranges::min_element(
      options, {}, [](const Option& o) { return std::pair(o.bytes, o.instructions); });
}

const Storage& row_of(mote_storage storage) {
  return *std::ranges::find(storages(), storage, &Storage::storage);
}

int64_t decoder_bytes(mote_storage storage) {
  const Storage& row = row_of(storage);
  if (row.slow) return slow_cost(row).code_bytes;
  return row.sparse() ? kSparseDecoderBytes : kDecoderBytes;
}

// By storage that may be given up, what its weights would take without it, as they are or in others
// that are in use, less what they take and what its decoder does.
std::map<mote_storage, int64_t> savings(std::span<const Packed> packed) {
  std::map<mote_storage, int64_t> saved;
  for (const Packed& call : packed)
    if (call.bytes.contains(call.storage)) saved[call.storage] = -decoder_bytes(call.storage);
  for (const Packed& call : packed) {
    if (!saved.contains(call.storage)) continue;
    int64_t otherwise = call.kept_bytes;
    for (const auto& [storage, bytes] : call.bytes)
      if (storage != call.storage && saved.contains(storage))
        otherwise = std::min(otherwise, bytes);
    saved[call.storage] += otherwise - call.bytes.at(call.storage);
  }
  return saved;
}

// Those without which the weights of all calls, and the decoders that they need, take the fewest
// bytes of all.
std::vector<mote_storage> not_worth_it(std::span<const Packed> packed) {
  std::set<mote_storage> found;
  for (const Packed& call : packed)
    for (const auto& [storage, bytes] : call.bytes) found.insert(storage);
  const std::vector<mote_storage> all(found.begin(), found.end());
  std::vector<std::vector<int64_t>> rows;  // by call, then by storage: bytes
  for (const Packed& call : packed) {
    std::vector<int64_t>& row = rows.emplace_back(all.size(), call.kept_bytes);
    for (size_t i = 0; i < all.size(); i++)
      if (const auto own = call.bytes.find(all[i]); own != call.bytes.end()) row[i] = own->second;
  }
  const auto has = [](size_t set, size_t i) { return (set >> i & 1) != 0; };
  const auto bytes_of = [&](size_t set) {
    int64_t sum = 0;
    for (size_t i = 0; i < all.size(); i++) sum += has(set, i) ? decoder_bytes(all[i]) : 0;
    for (size_t call = 0; call < rows.size(); call++) {
      int64_t bytes = packed[call].kept_bytes;
      for (size_t i = 0; i < all.size(); i++)
        if (has(set, i)) bytes = std::min(bytes, rows[call][i]);
      sum += bytes;
    }
    return sum;
  };
  size_t best = 0;
  int64_t least = bytes_of(0);
  for (size_t set = 1; set < size_t{1} << all.size(); set++)
    if (const int64_t bytes = bytes_of(set); bytes < least) {
      best = set;
      least = bytes;
    }
  std::vector<mote_storage> result;
  for (size_t i = 0; i < all.size(); i++)
    if (!has(best, i)) result.push_back(all[i]);
  return result;
}

}  // namespace

std::optional<Packed> pack_weights(Call& call, const Call& reference,
                                   std::vector<Constant>& constants, const PackingRules& rules) {
  Operand* operand = packable(call, constants);
  if (operand == nullptr) return std::nullopt;
  Constant& constant = constants.at(static_cast<size_t>(operand->index));
  const Work work = work_of(call, reference, *operand, constants, rules);
  std::vector<Option> options = options_of(constant, operand->type.dtype, work, rules);
  const int64_t least_dense = smallest(options, quick_and_dense);
  std::erase_if(options, [](const Option& option) { return option.refused; });
  const bool flash = rules.prefer == Preference::flash;
  Option& best = flash ? smallest_of(options) : best_of(options, work, least_dense);
  if (best.storage == nullptr) return std::nullopt;
  const auto stays = [&](const Option& option) { return kept(option, rules.prefer); };
  Packed packed{best.storage->storage, best.skips_zeros ? work.variant : nullptr,
                smallest(options, stays)};
  for (const Option& option : options)
    if (!stays(option) && option.bytes <= packed.kept_bytes &&
        (flash || quick(option) || option.storage == best.storage))
      packed.bytes[option.storage->storage] = option.bytes;
  if (best.skips_zeros) {
    call = reference;
    choose(*work.variant, call, constants);
    operand = packable(call, constants);
  }
  put(*best.storage, std::move(best.encoded), 0, call, *operand, constant);
  return packed;
}

bool drop_what_costs_more(std::span<const Packed> packed, PackingRules& rules) {
  if (rules.prefer == Preference::flash) {
    const std::vector<mote_storage> dropped = not_worth_it(packed);
    rules.refused.insert(rules.refused.end(), dropped.begin(), dropped.end());
    return !dropped.empty();
  }
  const std::map<mote_storage, int64_t> saved = savings(packed);
  if (saved.empty()) return false;
  const auto least =
      std::ranges::min_element(saved, {}, [](const auto& of_storage) { return of_storage.second; });
  if (least->second < 0) {
    rules.refused.push_back(least->first);
    return true;
  }
  int64_t all_saved = 0;  // by sparse storages
  std::set<const Kernel*> variants;
  for (const Packed& call : packed) {
    if (!row_of(call.storage).sparse()) continue;
    all_saved += call.kept_bytes - call.bytes.at(call.storage);
    if (call.skips_zeros != nullptr) variants.insert(call.skips_zeros);
  }
  int64_t code = 0;
  for (const Kernel* variant : variants)
    code += by_pairs(*variant) ? kVariantByPairsBytes : kVariantBytes;
  for (const auto& [storage, bytes] : saved)
    if (row_of(storage).sparse()) code += kSparseDecoderBytes;
  if (variants.empty() || all_saved >= code) return false;
  rules.variants = false;
  return true;
}

bool pack_weights_as(const Storage& storage, int32_t tile_channels, Call& call,
                     std::vector<Constant>& constants) {
  Operand* operand = packable(call, constants);
  if (operand == nullptr) return false;
  Constant& constant = constants.at(static_cast<size_t>(operand->index));
  std::optional<Encoded> data = encoded(storage, constant, operand->type.dtype);
  if (data) put(storage, std::move(*data), tile_channels, call, *operand, constant);
  return data.has_value();
}

}  // namespace mote::deploy
