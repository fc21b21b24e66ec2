// A model made ready to run many times: nothing is lowered, packed or allocated from then on.
// Tensors are views of memory that lies elsewhere. Tested by src/api/session_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include "mote/data.h"

namespace mote {

struct Program;

// Numbers with a shape in somebody else's memory, valid as long as that is: row-major,
// little-endian, aligned as their type is. `Byte` is const where they are only read.
template <class Byte>
struct BasicTensorView {
  const char* type = "";           // as Tensor's
  std::span<const int32_t> shape;  // as the model has it: its batch comes first
  std::span<Byte> data;

  // T, const where the bytes are.
  template <class T>
  using Element = std::conditional_t<std::is_const_v<Byte>, const T, T>;

  template <class T>
  static BasicTensorView of(std::span<const int32_t> shape, std::span<T> elements) {
    auto* first = reinterpret_cast<Byte*>(elements.data());
    return {type_name<std::remove_const_t<T>>(), shape, {first, elements.size_bytes()}};
  }
  // The elements. Throws Error{usage} where they are no T.
  template <class T>
  std::span<Element<T>> as() const {
    if (std::string(type) != type_name<T>())
      throw Error(ErrorKind::usage,
                  std::string("a tensor of ") + type + " holds no " + type_name<T>());
    return {reinterpret_cast<Element<T>*>(data.data()), data.size() / sizeof(T)};
  }
};
using TensorView = BasicTensorView<uint8_t>;
using ConstTensorView = BasicTensorView<const uint8_t>;

struct PrepareOptions {
  // "native" or "reference", as in EvaluateOptions: they agree byte for byte.
  std::string engine = "native";
};

// What Model::prepare gives. One thread at a time; a copy is cheap, since it shares the weights,
// and has memory of its own: one for each thread.
class Session {
 public:
  Session(const Session& other);
  Session(Session&& other) noexcept;
  Session& operator=(Session other) noexcept;
  ~Session();

  // The session's own memory, in the order of Model::inputs() and outputs(): to be filled before
  // run(), and written by it.
  std::span<const TensorView> inputs() const;
  std::span<const ConstTensorView> outputs() const;
  // One inference.
  void run();
  // The same in the caller's memory: a view for each input and each output, of their types and
  // shapes, none over another. Throws Error{usage} that names the one that does not fit.
  void run(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs);

  // For Mote itself.
  explicit Session(std::shared_ptr<const Program> program);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mote
