// The kernels as the host knows them: one row of an operator's kernels.inc each, from which choice,
// execution, differential tests, benchmarks, `mote kernels` and the emitter all derive.
//
// A row  MOTE_PARAMS(params)  names each parameter struct once; its fields are listed in
// MOTE_FIELDS_OF_<params>(FIELD), each FIELD(int32_t or float, name). A row
//   MOTE_KERNEL(function, kernel, params, variant, isa, priority, weights, cases)
// is a kernel: the C function is mote_<function>, its parameters the struct mote_<params>_params,
// its file <function>.c beside the table. The other columns are those of Kernel, below. A row
//   MOTE_VARIANT(function, kernel, params, variant, isa, priority, weights, cases, prepare)
// is a kernel for other constants or parameters than the reference's: `prepare` is the host
// function, in the table's folder, that makes them.
#pragma once

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.h"
#include "runtime/operand.h"

namespace mote {

// How a kernel reads its weights.
enum class Weights : uint8_t {
  none,        // it has no operand of them
  decoded,     // by runtime/weights.h: in every storage that has a decoder, or none
  rearranged,  // as `prepare` puts them
  sparse,      // without zeros (runtime/taps.h): in every sparse storage; `prepare` says the run
};

struct Kernel {
  std::string_view name;     // "conv2d_s8"
  std::string_view variant;  // "reference", of which every kernel has one
  std::string_view isa;      // what the processor must have: "any"
  // Of the variants that take a call, the one with the highest gets it. Those that skip zeros have
  // a negative one: they are taken where it pays for the storage of the weights (deploy/storage).
  int32_t priority;
  Weights weights;
  // The seeded nodes that it is tested on (tests/support/kernel_cases.h). It claims all of them:
  // `prepare` says no to none.
  std::string_view cases;
  std::string_view function;  // "mote_conv2d_s8"
  std::string_view source;    // "ops/conv2d/conv2d_s8.c"
  const ParamsType* params;
  void (*run)(const void* params, const mote_operand* operands, int32_t row_begin, int32_t row_end);
  // Makes a call of the reference one of this variant: rearranges its constants, among which its
  // operands count, replaces its parameters, and asks for scratch. False, with nothing done, where
  // the variant cannot serve it. NULL where there is nothing to prepare.
  bool (*prepare)(Call& call, std::vector<Constant>& constants);
};

// All kernels, in the order of their folders and tables.
std::span<const Kernel> kernels();
// Throws Error{internal} where there is no such row.
const Kernel& find_kernel(std::string_view name, std::string_view variant);

// Makes a call of the reference one of `kernel`'s variant, or says that it cannot.
bool choose(const Kernel& kernel, Call& call, std::vector<Constant>& constants);

// The type of a parameter struct, by the struct. ops/kernel.cc defines one specialization per
// kernel.
template <class ParamsStruct>
const ParamsType& params_type();

template <class ParamsStruct>
Params make_params(const ParamsStruct& params) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&params);
  return {&params_type<ParamsStruct>(), Bytes(bytes, bytes + sizeof params)};
}

template <class ParamsStruct>
ParamsStruct params_of(const Call& call) {
  ParamsStruct params;
  std::memcpy(&params, call.params.bytes.data(), sizeof params);
  return params;
}

}  // namespace mote
