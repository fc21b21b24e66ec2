/* Counts the instructions of emulated firmware exactly, by class and by step: a plugin for QEMU
 * (TCG plugin API version 1, QEMU 7.2). Two 16-bit Thumb hints, NOPs on every Cortex-M, mark a
 * region: 0xBF80 begins it, 0xBF90 ends it; they are not counted.
 * `caller=ADDRESS:SIZE,function=ADDRESS,...` begins a new section each time that one of the
 * functions has returned to the caller. Carried as a resource; counter.h names its output; tested
 * by counter_test.cc and emulate_test.cc. */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The part of qemu-plugin.h that this needs; Debian ships QEMU without the header. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
typedef void (*translate_callback)(qemu_plugin_id_t, struct qemu_plugin_tb*);
typedef void (*execute_callback)(unsigned vcpu, void* user);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, translate_callback);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, execute_callback,
                                            enum qemu_plugin_cb_flags, void* user);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn*);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn*);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

#define REGION_BEGIN 0xBF80
#define REGION_END 0xBF90

enum kind {
#define MOTE_INSTRUCTION_CLASS(name) name,
#include "instruction_classes.inc"
#undef MOTE_INSTRUCTION_CLASS
  load_words, /* the words that loads, stores and branches move, each instruction at least one */
  store_words,
  counters
};
#define BRANCH branches_taken /* until it is known where it went */

/* ---- What an instruction is: the first row whose bits match. */

enum words { NO_WORDS, ONE, TWO, LIST8, LIST9, LIST16, VFP_ONE_OR_TWO, VFP_LIST };
struct encoding {
  uint32_t mask, bits; /* of a 32-bit instruction the first halfword is the upper one */
  enum kind kind;
  enum words words;
};

static const struct encoding narrow[] = {
    {0xF800, 0x4800, loads, ONE},         /* LDR from the literal pool */
    {0xFE00, 0x5600, loads, ONE},         /* LDRSB with a register */
    {0xF800, 0x5000, stores, ONE},        /* STR, STRH, STRB with a register */
    {0xF800, 0x5800, loads, ONE},         /* LDR, LDRH, LDRB, LDRSH with a register */
    {0xE800, 0x6000, stores, ONE},        /* STR, STRB with an immediate */
    {0xE800, 0x6800, loads, ONE},         /* LDR, LDRB */
    {0xF800, 0x8000, stores, ONE},        /* STRH */
    {0xF800, 0x8800, loads, ONE},         /* LDRH */
    {0xF800, 0x9000, stores, ONE},        /* STR to the stack */
    {0xF800, 0x9800, loads, ONE},         /* LDR from the stack */
    {0xFE00, 0xB400, stores, LIST9},      /* PUSH */
    {0xFF00, 0xBD00, BRANCH, LIST9},      /* POP with the PC */
    {0xFF00, 0xBC00, loads, LIST9},       /* POP */
    {0xF800, 0xC000, stores, LIST8},      /* STM */
    {0xF800, 0xC800, loads, LIST8},       /* LDM */
    {0xFE00, 0xDE00, other, NO_WORDS},    /* UDF, SVC */
    {0xF000, 0xD000, BRANCH, NO_WORDS},   /* B with a condition */
    {0xF800, 0xE000, BRANCH, NO_WORDS},   /* B */
    {0xF500, 0xB100, BRANCH, NO_WORDS},   /* CBZ, CBNZ */
    {0xFF00, 0x4700, BRANCH, NO_WORDS},   /* BX, BLX */
    {0xFF87, 0x4487, BRANCH, NO_WORDS},   /* ADD to the PC */
    {0xFF87, 0x4687, BRANCH, NO_WORDS},   /* MOV to the PC */
    {0xFFC0, 0x4340, multiply, NO_WORDS}, /* MULS */
    {0xFF0F, 0xBF00, other, NO_WORDS},    /* NOP and other hints */
    {0xFF00, 0xBF00, if_then, NO_WORDS},  /* IT */
    {0, 0, other, NO_WORDS},
};

static const struct encoding wide[] = {
    {0xFFFF0000, 0xE89F0000, other, NO_WORDS},  /* CLRM */
    {0xFE508000, 0xE8108000, BRANCH, LIST16},   /* LDM, POP with the PC */
    {0xFE500000, 0xE8100000, loads, LIST16},    /* LDM, POP */
    {0xFE500000, 0xE8000000, stores, LIST16},   /* STM, PUSH */
    {0xFFF0FFE0, 0xE8D0F000, BRANCH, ONE},      /* TBB, TBH */
    {0xFF700000, 0xE8500000, loads, ONE},       /* LDREX and its like */
    {0xFF700000, 0xE8400000, stores, ONE},      /* STREX */
    {0xFE500000, 0xE8500000, loads, TWO},       /* LDRD */
    {0xFE500000, 0xE8400000, stores, TWO},      /* STRD */
    {0xFF70F000, 0xF850F000, BRANCH, ONE},      /* LDR to the PC */
    {0xFE100000, 0xF8100000, loads, ONE},       /* LDR, LDRB, LDRSB, LDRH, LDRSH */
    {0xFF100000, 0xF8000000, stores, ONE},      /* STR, STRB, STRH */
    {0xFFD000F0, 0xFB9000F0, divide, NO_WORDS}, /* SDIV, UDIV */
    {0xFF800000, 0xFB800000, multiply_long, NO_WORDS},
    {0xFF800000, 0xFB000000, multiply, NO_WORDS},
    {0xFB80D000, 0xF3808000, other, NO_WORDS},                     /* MSR, MRS, barriers, hints */
    {0xF800D000, 0xF0008000, BRANCH, NO_WORDS},                    /* B with a condition */
    {0xF8009000, 0xF0009000, BRANCH, NO_WORDS},                    /* B, BL */
    {0xF800F001, 0xF000C001, BRANCH, NO_WORDS},                    /* LE, WLS */
    {0xFFE00E00, 0xEC400A00, float_other, NO_WORDS},               /* VMOV of two registers */
    {0xFF300E00, 0xED100A00, loads, VFP_ONE_OR_TWO},               /* VLDR */
    {0xFF300E00, 0xED000A00, stores, VFP_ONE_OR_TWO},              /* VSTR */
    {0xFE100E00, 0xEC100A00, loads, VFP_LIST},                     /* VLDM, VPOP */
    {0xFE100E00, 0xEC000A00, stores, VFP_LIST},                    /* VSTM, VPUSH */
    {0xFFA00E10, 0xEE000A00, float_multiply_accumulate, NO_WORDS}, /* VMLA, VMLS, VNMLA, VNMLS */
    {0xFFA00E10, 0xEE200A00, float_arithmetic, NO_WORDS},          /* VMUL, VNMUL, VADD, VSUB */
    {0xFFB00E10, 0xEE800A00, float_divide, NO_WORDS},              /* VDIV */
    {0xFFB00E10, 0xEE900A00, float_multiply_accumulate, NO_WORDS}, /* VFNMA, VFNMS */
    {0xFFB00E10, 0xEEA00A00, float_multiply_accumulate, NO_WORDS}, /* VFMA, VFMS */
    {0xFFBF0ED0, 0xEEB10AC0, float_divide, NO_WORDS},              /* VSQRT */
    {0xFF000E00, 0xEE000A00, float_other, NO_WORDS},
    {0xFF000E00, 0xFE000A00, float_other, NO_WORDS}, /* VSEL, VMAXNM, VRINT, VCVTA */
    {0, 0, other, NO_WORDS},
};

static const struct encoding* find(const struct encoding* table, uint32_t instruction) {
  while ((instruction & table->mask) != table->bits) table++;
  return table;
}

static unsigned words_of(enum words words, uint32_t instruction) {
  switch (words) {
    case NO_WORDS:
      return 0;
    case ONE:
      return 1;
    case TWO:
      return 2;
    case LIST8:
      return (unsigned)__builtin_popcount(instruction & 0xFF);
    case LIST9:
      return (unsigned)__builtin_popcount(instruction & 0x1FF);
    case LIST16:
      return (unsigned)__builtin_popcount(instruction & 0xFFFF);
    case VFP_ONE_OR_TWO:
      return instruction & 0x100 ? 2 : 1;
    case VFP_LIST:
      return instruction & 0xFF;
  }
  return 0;
}

/* ---- What runs: straight pieces of code, each counted as a whole when it begins. */

struct piece {
  uint64_t begin, end; /* addresses */
  int is_function, in_caller, ends_in_branch, ends_in_load;
  uint32_t count[counters];
  uint64_t runs, taken; /* in this section: how often it ran, and its branch was taken */
  struct piece* next;
};

static uint64_t caller_begin, caller_end;
static uint64_t functions[256];
static size_t function_count;

static uint64_t (*sections)[counters];
static size_t section_count;
static int counting, in_function, region;
static struct piece* pieces;
static struct piece* last; /* the piece that ran before */

static void new_section(void) {
  sections = realloc(sections, (section_count + 1) * sizeof *sections);
  if (!sections) abort();
  memset(sections[section_count++], 0, sizeof *sections);
}

/* What ran since the section began becomes its counts. */
static void end_section(void) {
  uint64_t* sum = sections[section_count - 1];
  for (struct piece* piece = pieces; piece; piece = piece->next) {
    for (int i = 0; i < counters; i++) sum[i] += piece->runs * piece->count[i];
    if (piece->ends_in_branch) {
      sum[branches_taken] += piece->taken;
      sum[branches_not_taken] += piece->runs - piece->taken;
    }
    piece->runs = piece->taken = 0;
  }
}

static void run_piece(unsigned vcpu, void* user) {
  (void)vcpu;
  struct piece* piece = user;
  if (!counting) return;
  if (last) last->taken += piece->begin != last->end;
  if (piece->is_function && last && last->in_caller) in_function = 1;
  if (piece->in_caller && in_function) {
    in_function = 0;
    end_section();
    new_section();
  }
  piece->runs++;
  last = piece;
}

static void begin_region(unsigned vcpu, void* user) {
  (void)vcpu, (void)user;
  section_count = 0;
  new_section();
  counting = 1;
  in_function = 0;
  last = NULL;
}

static void end_region(unsigned vcpu, void* user) {
  (void)vcpu;
  if (!counting) return;
  const uint64_t* address = user;
  if (last) last->taken += *address != last->end;
  end_section();
  counting = 0;
  uint64_t instructions = 0;
  for (size_t s = 0; s < section_count; s++)
    for (int i = 0; i < load_words; i++) instructions += sections[s][i];
  fprintf(stderr, "region %d: %" PRIu64 " instructions\n", region++, instructions);
  for (size_t s = 0; s < section_count; s++) {
    fprintf(stderr, "section");
    for (int i = 0; i < counters; i++) fprintf(stderr, " %" PRIu64, sections[s][i]);
    fprintf(stderr, "\n");
  }
}

/* ---- Translation cuts the code into pieces: behind each branch and at the markers. */

static void* allocate(size_t size) {
  void* memory = calloc(1, size); /* for as long as the emulator runs */
  if (!memory) abort();
  return memory;
}

static struct piece* new_piece(uint64_t address) {
  struct piece* piece = allocate(sizeof *piece);
  piece->begin = address;
  piece->next = pieces;
  pieces = piece;
  piece->in_caller = address >= caller_begin && address < caller_end;
  for (size_t i = 0; i < function_count; i++)
    if (functions[i] == address) piece->is_function = 1;
  return piece;
}

static void add(struct piece* piece, uint32_t instruction, size_t size) {
  const struct encoding* encoding = find(size == 2 ? narrow : wide, instruction);
  const unsigned words = words_of(encoding->words, instruction);
  const int is_load = encoding->kind == loads && words == 1;
  if (encoding->kind == BRANCH)
    piece->ends_in_branch = 1;
  else
    piece->count[is_load && piece->ends_in_load ? loads_paired : encoding->kind]++;
  piece->count[encoding->kind == stores ? store_words : load_words] += words;
  piece->ends_in_load = is_load;
}

/* A 32-bit instruction has its first halfword above. The size that the emulator states is no help:
 * at the end of a page it has looked ahead, and counts what it saw. */
static uint32_t bits_of(const struct qemu_plugin_insn* instruction) {
  uint16_t half[2];
  memcpy(half, qemu_plugin_insn_data(instruction), sizeof half[0]);
  if (half[0] < 0xE800) return half[0];
  memcpy(half, qemu_plugin_insn_data(instruction), sizeof half);
  return (uint32_t)half[0] << 16 | half[1];
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  struct piece* piece = NULL;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    const uint64_t address = qemu_plugin_insn_vaddr(instruction);
    const uint32_t bits = bits_of(instruction);
    const size_t size = bits > 0xFFFF ? 4 : 2;
    if (bits == REGION_BEGIN || bits == REGION_END) {
      uint64_t* where = allocate(sizeof *where);
      *where = address;
      qemu_plugin_register_vcpu_insn_exec_cb(instruction,
                                             bits == REGION_BEGIN ? begin_region : end_region,
                                             QEMU_PLUGIN_CB_NO_REGS, where);
      piece = NULL;
      continue;
    }
    if (!piece) {
      piece = new_piece(address);
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, run_piece, QEMU_PLUGIN_CB_NO_REGS, piece);
    }
    add(piece, bits, size);
    piece->end = address + size;
    if (piece->ends_in_branch) piece = NULL;
  }
}

/* 0 where the option is understood. */
static int parse(const char* option) {
  uint64_t size = 0;
  if (sscanf(option, "caller=%" SCNx64 ":%" SCNx64, &caller_begin, &size) == 2) {
    caller_end = caller_begin + size;
    return 0;
  }
  if (function_count == sizeof functions / sizeof *functions) return -1;
  return sscanf(option, "function=%" SCNx64, &functions[function_count++]) == 1 ? 0 : -1;
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info* info, int argc,
                               char** argv) {
  (void)info;
  for (int i = 0; i < argc; i++)
    if (parse(argv[i]) != 0) return -1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  return 0;
}
