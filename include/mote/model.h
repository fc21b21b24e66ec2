// A neural network and what Mote does with it: train, compress, evaluate, run, deploy. Tested by
// src/api/api_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mote/data.h"
#include "mote/session.h"

namespace mote {

struct Graph;

// Hears how far a long call has come: `done` of `total`, in units that the call names. It is called
// on the thread that called Mote; what it throws ends the call and reaches the caller.
using Progress = std::function<void(double done, double total)>;

struct CompressOptions {
  uint64_t seed = 1;  // of the choice of calibration images
};

struct EvaluateOptions {
  std::string split = "test";  // "train", "validation" or "test"
  // "float" (libtorch, float models only), "reference" (portable C), "native" (this machine's best
  // kernels) or "emulator:DEVICE"; the last three agree byte for byte.
  std::string engine = "native";
  int32_t limit = 0;       // the first so many samples; 0: all
  int32_t threads = 0;     // of "reference" and "native"; 0: as many as the machine has cores
  Progress progress = {};  // in samples
};

// Of one class; a quotient that is undefined counts as 0.
struct ClassEvaluation {
  std::string name;
  int32_t samples = 0;   // with this label
  double precision = 0;  // [0, 1], as are all fractions
  double recall = 0;
  double f1 = 0;
};

struct Evaluation {
  int32_t samples = 0;
  double top1 = 0;      // the fraction of samples whose class is their label
  double top1_low = 0;  // the 95 % Wilson interval of top1
  double top1_high = 1;
  std::vector<ClassEvaluation> per_class;
  double macro_precision = 0;  // unweighted means over the classes that have samples
  double macro_recall = 0;
  double macro_f1 = 0;
  std::vector<int32_t> predictions;  // the class of each sample, in order
  double seconds = 0;                // of inference alone
  std::vector<std::string> notes;    // what to know of model and data, such as images transposed
};

struct RunOptions {
  std::string engine = "native";  // as in EvaluateOptions
  int32_t threads = 0;
};

struct DeployOptions {
  std::string name = {};  // prefix of the C code's names; empty: the model's name
  // What counts where weights can be kept in several ways: "balance", or "flash", the fewest bytes
  // whatever it takes to decode them; empty: what the device's file says.
  std::string prefer = {};
  // Where one of them is set, the firmware also runs in the device's emulator, `samples` times: on
  // the first images of the test split (of the training split where there is none), or without data
  // on seeded numbers, as its self-test does.
  bool run = false;
  std::optional<Dataset> run_on = {};
  int32_t samples = 10;
};

// Firmware in the emulator. Instructions are counted, not estimated; they are neither cycles nor
// time.
struct FirmwareRun {
  int64_t ram_bytes = 0;     // arena, variables and stack
  int64_t stack_bytes = 0;   // the most that main and the inference used
  int64_t instructions = 0;  // of the first sample's inference
  int32_t samples = 0;
  bool outputs_equal = false;    // every output byte is the host's; anything else is a bug of Mote
  std::string first_difference;  // where they are not
};

struct Deployment {
  std::string device;
  std::string directory;
  std::string name;            // of NAME.h and NAME_invoke
  int64_t constant_bytes = 0;  // of the network, in flash: weights, biases, multipliers
  int64_t arena_bytes = 0;     // in RAM: activations, inputs, outputs, scratch
  // Of the linked firmware; nothing where the device's compiler is not installed, which
  // `not_linked` then says.
  std::optional<int64_t> flash_bytes;   // everything: constant_bytes + code_bytes
  std::optional<int64_t> code_bytes;    // code, parameters, vectors, initial values
  std::optional<int64_t> static_bytes;  // variables outside the arena
  std::string not_linked;
  std::optional<FirmwareRun> run;  // where DeployOptions ask for it
};

// An input or output of a model.
struct TensorInfo {
  std::string name;  // as in the model's file
  std::string type;
  std::vector<int32_t> shape;
  float scale = 0;  // real = scale * (value - zero_point); 0: the values are the real ones
  int32_t zero_point = 0;
};

struct LayerInfo {
  std::string name;  // as in the model's file
  std::string op;
  std::vector<int32_t> output_shape;  // of its first output
  int64_t macs = 0;
  int64_t parameters = 0;
  int32_t weight_bits = 0;   // of its largest constant; 0 where it has none
  int64_t weight_bytes = 0;  // of all its constants
};

struct Inspection {
  std::vector<LayerInfo> layers;
  int64_t macs = 0;  // multiply-accumulates of one inference
  int64_t parameters = 0;
  int64_t constant_bytes = 0;         // what an optimized model takes in flash, without code
  int64_t peak_ram_bytes = 0;         // of its activations, as planned
  int64_t ram_lower_bound_bytes = 0;  // no plan needs less
};

// A cheap handle on a network that does not change: every operation gives a new one. Several
// threads may use the same model.
class Model {
 public:
  const std::string& name() const;
  std::vector<TensorInfo> inputs() const;
  std::vector<TensorInfo> outputs() const;
  const std::vector<std::string>& labels() const;  // of the classes of output 0; may be empty
  // Throws Error{unsupported} naming a layer for which there is no kernel.
  Inspection inspect() const;

  // Writes a .tflite or .mote file, whole or not at all. Throws Error{usage} for another extension
  // and where the file cannot be written, Error{unsupported} for what the format cannot hold.
  void save(const std::string& path) const;

  // The model without what no output depends on, such as dead channels: the same outputs, byte for
  // byte where it is of integers and else to a relative 1e-4, from less. `deploy` does so by
  // itself.
  Model optimize() const;

  // The model that a recipe (list_recipes() in mote.h, or the path of a .toml) makes of a float
  // model; calibration sees training images alone, with or without labels. Throws Error{usage} for
  // an unknown recipe or images of another shape, Error{unsupported} for a model that is quantized
  // already.
  Model compress(const Dataset& data, const std::string& recipe,
                 const CompressOptions& options = {}) const;

  // By a recipe that does not calibrate, such as "float16" or "dynamic_range". Throws Error{usage}
  // for any other.
  Model compress(const std::string& recipe, const CompressOptions& options = {}) const;

  // The model with other numbers made of pixels, whatever its file said: "scale=1/255",
  // "scale=0.5,0.5,0.25,bias=-1,-1,-1"; real = scale * pixel + bias, one number for all channels or
  // one for each. It is kept where the model is compressed, saved and deployed. Throws
  // Error{usage}.
  Model with_preprocessing(const std::string& preprocess) const;

  // Accuracy on labelled images: the class is that of the largest score; of a single score 1 where
  // it is above 0 (a logit) or 0.5 (a probability), else 0. Throws Error{usage} where data and
  // model do not go together, labels that are no class of the model included, or for an unknown
  // engine.
  Evaluation evaluate(const Dataset& data, const EvaluateOptions& options = {}) const;

  // Images [N, H, W, C] as the model's only input takes them, [N, ...]: scaled by its preprocessing
  // and quantized. Throws Error{usage} where the shapes do not go together.
  Tensor encode(const Tensor& images) const;
  // Raw tensors in, one for each input, raw tensors out: quantized values for a quantized model. A
  // leading N instead of the model's batch of 1 means N inferences; give many at once, since each
  // call prepares the model anew, or keep a session. Throws Error{usage} that names the input that
  // does not fit.
  std::vector<Tensor> run(const std::vector<Tensor>& inputs, const RunOptions& options = {}) const;

  // The model made ready to run many times, one inference each. Throws Error{usage} for an engine
  // that is neither "native" nor "reference", Error{unsupported} naming a layer for which there is
  // no kernel.
  Session prepare(const PrepareOptions& options = {}) const;

  // Writes the model as C firmware for a device (list_devices() in mote.h, or the path of a .toml)
  // into `directory`, which is created where it is missing, and measures it. Throws
  // Error{over_budget} that says by how much the model exceeds the device, Error{unsupported}
  // naming a layer for which there is no kernel, or, where it shall run, the tool that is not
  // installed.
  Deployment deploy(const std::string& device, const std::string& directory,
                    const DeployOptions& options = {}) const;

  // For Mote itself.
  explicit Model(std::shared_ptr<const Graph> graph);
  const Graph& graph() const { return *graph_; }

 private:
  std::shared_ptr<const Graph> graph_;
};

// A .tflite or .mote file, or "zoo:NAME[?width=W&input=HxWxC&classes=N]" (list_networks() in
// mote.h; docs/zoo.md has more options) with weights drawn by `seed`. Throws Error{invalid_input}
// for a file that is missing or damaged, Error{unsupported} for what Mote does not do; `where`
// names file and node.
Model open(const std::string& model, uint64_t seed = 1);

// What is not set is the network's own for that data set.
struct TrainOptions {
  std::optional<int32_t> epochs = {};         // passes over the training images, from 1
  std::optional<int32_t> batch = {};          // images per step
  std::optional<std::string> optimizer = {};  // "sgd" or "adamw" (1711.05101)
  std::optional<float> learning_rate = {};    // the peak of the schedule
  std::optional<std::string> schedule = {};   // "one_cycle" or "cosine"
  std::optional<float> momentum = {};         // of SGD; of AdamW its beta1
  std::optional<float> beta2 = {};            // of AdamW
  std::optional<float> weight_decay = {};     // of weights; biases and batch norms have none
  std::optional<float> label_smoothing = {};  // 0 to 1
  std::optional<float> ema_decay = {};        // of the weights' moving average per step; 0: none
  std::optional<bool> flip = {};              // mirror half of the images
  std::optional<int32_t> crop = {};           // shift images by up to so many pixels
  std::optional<int32_t> cutout =
      {};  // side of a square of zeros in each image (1708.04552); 0: none
  std::optional<float> affine = {};  // share of images turned, slanted and stretched a little
  std::optional<std::string> preprocess = {};  // Model::with_preprocessing; else scale=1/255
  std::optional<std::string> bf16 = {};  // "automatic", "on" or "off": convolutions in bfloat16
  uint64_t seed = 1;                     // of the initial weights and the order of the images
  std::optional<int32_t> threads = {};   // shapes the result: the same number, the same bytes
  // A file written after every epoch, from which `resume` goes on; empty: none. The caller removes
  // it.
  std::string checkpoint = {};
  bool resume = false;     // where the file exists; Error{usage} where its options differ
  Progress progress = {};  // in epochs
};

// A network of the zoo ("zoo:NAME", as open() takes it), built for the images and classes of the
// data and trained. Throws Error{usage} where the data has no labels or an option is out of range.
Model train(const std::string& network, const Dataset& data, const TrainOptions& options = {});

}  // namespace mote
