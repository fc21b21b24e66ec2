// Every row of every kernels.inc, on the seeded nodes that its column `cases` names: whole and in
// pieces of rows, from a ring, in place of its inputs, and from weights in every storage, it gives
// the bytes of the reference kernel on whole tensors. (What those bytes have to be, the operators'
// tests and the golden cases say.) A row that nothing here reaches fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include <fmt/format.h>

#include "deploy/devices/device.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/packable.h"

namespace mote {
namespace {

using testing::KernelCase;
using testing::NodeRun;
using testing::RunOptions;

constexpr int kCases = 300;              // for each row
constexpr int kPackedCases = 60;         // of which in every storage
constexpr int kMostDraws = 24 * kCases;  // a family draws types that other rows are for

bool is_reference(const Kernel& kernel) {
  return kernel.variant == "reference";
}

// Kernels by pairs have portable bodies for what a core's DSP extension does (runtime/pairs.h).
bool runs_here(const Kernel& kernel) {
  return kernel.isa == "dsp" || std::ranges::count(deploy::host_device().isa, kernel.isa) > 0;
}

bool calls(const NodeRun& run, const Kernel& kernel, std::string_view variant) {
  return std::ranges::any_of(run.calls(), [&](const Call& call) {
    return call.kernel == kernel.name && call.variant == variant;
  });
}

// Any NaN is as good as another: which one comes out of two depends on how a compiler orders them.
Bytes with_one_nan(Bytes bytes, DType dtype) {
  if (dtype != DType::float32) return bytes;
  for (size_t at = 0; at < bytes.size(); at += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, &bytes[at], sizeof value);
    if (std::isnan(value)) std::memset(&bytes[at], 0xFF, sizeof value);
  }
  return bytes;
}

Bytes run(NodeRun& node, const KernelCase& c) {
  for (size_t i = 0; i < c.inputs.size(); i++) node.value(c.graph.inputs[i]) = c.inputs[i];
  node.run();
  Bytes all;
  for (const ValueId id : c.graph.outputs) {
    const Bytes output = with_one_nan(node.value(id), c.graph.value(id).type.dtype);
    all.insert(all.end(), output.begin(), output.end());
  }
  return all;
}

Bytes run(const KernelCase& c, const RunOptions& options = {}) {
  NodeRun node(c.graph, options);
  return run(node, c);
}

bool reads_storages(const Kernel& kernel) {
  return kernel.weights == Weights::decoded || kernel.weights == Weights::sparse;
}

// How a kernel is run: one that skips zeros from bitmaps, which hold all weights of int8.
RunOptions options_for(const Kernel& kernel) {
  if (kernel.weights != Weights::sparse) return {.variant = kernel.variant};
  const auto all = deploy::storages();
  const auto bitmap = std::ranges::find(all, MOTE_STORAGE_BITMAP, &deploy::Storage::storage);
  return {.variant = kernel.variant, .storage = &*bitmap};
}

void expect_in_every_way(const Kernel& kernel, const KernelCase& c) {
  const Bytes expected = run(c);
  RunOptions options = options_for(kernel);
  for (const int32_t rows : {0, 1, 3}) {
    options.rows_at_once = rows;
    ASSERT_EQ(run(c, options), expected) << rows << " rows at once";
  }
  if (c.ring.ring_rows > 0) {
    RunOptions ring = c.ring;
    ring.variant = options.variant;
    ring.storage = options.storage;
    ASSERT_EQ(run(c, ring), expected) << "from a ring";
  }
  const Node& node = c.graph.nodes[0];
  const TensorType& output = c.graph.value(c.graph.outputs[0]).type;
  for (const int32_t index : op_def(node.op).in_place_inputs) {
    const TensorType& input = c.graph.value(node.inputs.at(static_cast<size_t>(index))).type;
    if (input.shape != output.shape || input.dtype != output.dtype) continue;
    ASSERT_EQ(run(c, {.variant = kernel.variant, .in_place_input = index}), expected)
        << "in place of input " << index;
  }
}

// Gives in how many storages the weights have been.
int expect_in_every_storage(const Kernel& kernel, const KernelCase& plain) {
  const KernelCase c{testing::with_packable_weights(plain.graph), plain.inputs};
  const KernelCase wide{testing::with_wide_constants(c.graph), c.inputs};
  const Bytes expected = run(wide);
  int packed = 0;
  for (const deploy::Storage& storage : deploy::storages())
    for (const int32_t channels : {1, 2, 3, 7, 1000})
      for (const int32_t rows : {0, 1}) {
        NodeRun node(c.graph, {.rows_at_once = rows,
                               .variant = kernel.variant,
                               .storage = &storage,
                               .packed_channels = channels});
        if (!node.packed()) continue;
        packed++;
        EXPECT_EQ(run(node, c), expected) << storage.name << ", tiles of " << channels
                                          << " channels, " << rows << " rows at once";
      }
  return packed;
}

class Row : public ::testing::TestWithParam<const Kernel*> {};

TEST_P(Row, GivesTheBytesOfTheReference) {
  const Kernel& kernel = *GetParam();
  const auto families = testing::kernel_cases();
  const auto family = std::ranges::find(families, kernel.cases, &testing::KernelCases::name);
  ASSERT_NE(family, families.end()) << "no cases '" << kernel.cases << "'";
  Random random(7, kernel.cases);
  int reached = 0, packed = 0;
  for (int i = 0; i < kMostDraws && reached < kCases; i++) {
    const KernelCase c = family->draw(i, random);
    if (!calls(NodeRun(c.graph, {}), kernel, "reference")) continue;
    SCOPED_TRACE(::testing::Message() << "case " << i);
    ASSERT_TRUE(calls(NodeRun(c.graph, {.variant = kernel.variant}), kernel, kernel.variant))
        << "the kernel does not take what it claims";
    reached++;
    if (!runs_here(kernel)) continue;
    ASSERT_NO_FATAL_FAILURE(expect_in_every_way(kernel, c));
    if (reads_storages(kernel) && reached <= kPackedCases)
      packed += expect_in_every_storage(kernel, c);
    if (HasFailure()) return;
  }
  EXPECT_EQ(reached, kCases) << "cases '" << kernel.cases << "' hardly reach it";
  if (reads_storages(kernel)) {
    EXPECT_GT(packed, kPackedCases);
  }
  if (!runs_here(kernel)) GTEST_SKIP() << "this processor has no " << kernel.isa;
}

std::vector<const Kernel*> rows() {
  std::vector<const Kernel*> all;
  for (const Kernel& kernel : kernels()) all.push_back(&kernel);
  return all;
}

INSTANTIATE_TEST_SUITE_P(, Row, ::testing::ValuesIn(rows()), [](const auto& info) {
  const Kernel& kernel = *info.param;
  return fmt::format("{}{}{}", kernel.name, is_reference(kernel) ? "" : "_",
                     is_reference(kernel) ? "" : kernel.variant);
});

// One of two variants is better; the reference is what remains.
TEST(Rows, OfOneKernelDifferInPriority) {
  std::set<std::pair<std::string_view, int32_t>> seen;
  for (const Kernel& kernel : kernels()) {
    EXPECT_TRUE(seen.emplace(kernel.name, kernel.priority).second) << kernel.function;
    EXPECT_EQ(kernel.priority == 0, is_reference(kernel)) << kernel.function;
    EXPECT_EQ(kernel.priority < 0, kernel.weights == Weights::sparse) << kernel.function;
    if (kernel.weights == Weights::rearranged || kernel.weights == Weights::sparse) {
      EXPECT_NE(kernel.prepare, nullptr) << kernel.function;
    }
  }
}

}  // namespace
}  // namespace mote
