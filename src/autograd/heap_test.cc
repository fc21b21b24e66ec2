// No twin's forward or backward pass writes beyond a buffer, whichever instructions oneDNN uses:
// their code is generated at run time, where sanitizers see nothing. Each test runs itself anew
// under glibc's checks of the heap, which abort where a buffer that is freed was overrun.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "autograd/network.h"
#include "base/process.h"
#include "ops/torch_twin.h"
#include "tests/support/sanitized.h"

namespace mote {
namespace {

constexpr const char* kChecker = "libc_malloc_debug.so.0";
constexpr const char* kChild = "MOTE_HEAP_TEST_CHILD";

bool is_child() {
  return std::getenv(kChild) != nullptr;
}

// The running test, in a process whose heap is checked.
ProcessResult run_checked(const std::string& instructions) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return run_process(
      {"env", std::string(kChild) + "=1", std::string("LD_PRELOAD=") + kChecker,
       "GLIBC_TUNABLES=glibc.malloc.check=3", "OMP_NUM_THREADS=1",
       "ONEDNN_MAX_CPU_ISA=" + instructions, std::filesystem::read_symlink("/proc/self/exe"),
       std::string("--gtest_filter=") + test->test_suite_name() + "." + test->name()},
      {.time_limit = std::chrono::seconds(500)});
}

// Why heaps cannot be checked here.
std::string obstacle() {
  if (testing::kSanitized) return "sanitizers bring a heap of their own";
  const ProcessResult result = run_process({"env", std::string("LD_PRELOAD=") + kChecker, "true"});
  return result.output.empty() ? "" : std::string("there is no ") + kChecker;
}

torch::Tensor random(std::vector<int64_t> sizes) {
  return (torch::rand(sizes) - 0.5).requires_grad_();
}

template <class Op>
void differentiate(const Op& op, const std::vector<torch::Tensor>& inputs, bool bf16) {
  const torch::Tensor output = ops::forward(op, inputs, {.training = true, .bf16 = bf16}).at(0);
  output.to(torch::kFloat32).sum().backward();
}

struct Window {
  int32_t kernel, stride, padding;
};

// Few and odd channels, and such as fill the registers of one or another set of instructions.
constexpr int64_t kChannels[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 31, 40};

void differentiate_all(const Window& window, int64_t image, bool bf16) {
  const auto [k, stride, p] = window;
  ops::Conv2D conv;
  conv.stride = {stride, stride};
  conv.padding = {p, p, p, p};
  ops::DepthwiseConv2D depthwise;
  depthwise.stride = conv.stride;
  depthwise.padding = conv.padding;
  ops::TransposeConv transposed;
  transposed.stride = conv.stride;
  const torch::Tensor none;
  for (const int64_t in : kChannels) {
    const std::vector<int64_t> x{2, image, image, in};
    differentiate(depthwise, {random(x), random({1, k, k, in}), random({in})}, bf16);
    for (const int64_t out : {1, 5, 8, 16, 19}) {
      const torch::Tensor weights = random({out, k, k, in}), bias = random({out});
      conv.groups = 1;
      differentiate(conv, {random(x), weights, bias}, bf16);
      differentiate(transposed, {random(x), weights, bias}, bf16);
      differentiate(ops::FullyConnected{}, {random({image, in}), random({out, in}), bias}, bf16);
      conv.groups = 2;
      differentiate(conv, {random({2, image, image, 2 * in}), random({2 * out, k, k, in}), none},
                    bf16);
    }
  }
}

class Heap : public ::testing::TestWithParam<const char*> {};

TEST_P(Heap, IsWholeAfterEveryGradient) {
  if (is_child()) {
    at::set_num_threads(1);
    for (const bool bf16 : {false, true})
      for (const int32_t kernel : {1, 3, 5})
        for (const int32_t stride : {1, 2, 3})
          if (!bf16 || autograd::computes_bf16())
            differentiate_all({kernel, stride, kernel / 2}, 8 + stride % 2, bf16);
    return;
  }
  if (const std::string why = obstacle(); !why.empty()) GTEST_SKIP() << why;
  const ProcessResult result = run_checked(GetParam());
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

// Names that the processor lacks stand for the best that it has.
INSTANTIATE_TEST_SUITE_P(Of, Heap,
                         ::testing::Values("SSE41", "AVX", "AVX2", "AVX512_CORE",
                                           "AVX512_CORE_BF16", "ALL"),
                         [](const auto& info) { return info.param; });

TEST(HeapCheck, FindsAByteBeyondItsBuffer) {
  if (is_child()) {
    // What is found depends on the byte before, and with it on the address: one in 256 is not.
    std::vector<void*> buffers(8);
    for (void*& buffer : buffers) {
      ASSERT_EQ(posix_memalign(&buffer, 64, 1000), 0);  // as libtorch and oneDNN allocate
      std::memset(buffer, 0, 1000);
      static_cast<volatile char*>(buffer)[1000] = 1;
    }
    for (void* buffer : buffers) std::free(buffer);
    return;
  }
  if (const std::string why = obstacle(); !why.empty()) GTEST_SKIP() << why;
  EXPECT_NE(run_checked("ALL").exit_code, 0);
}

}  // namespace
}  // namespace mote
