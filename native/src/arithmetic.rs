//! What the kernels need of a processor: vectors of floats, and products that are
//! summed up in one instruction.

use bytemuck::Pod;

/// The most rows of a register tile.
pub(crate) const MAX_ROWS: usize = 12;
/// The most floats of a vector.
pub(crate) const MAX_LANES: usize = 16;

/// The arithmetic of one instruction set in one precision.
///
/// A value of such a type exists only on a processor that has the instructions. So
/// the methods are safe, although they use them.
///
/// Its methods must be inlined into a function that is compiled for the
/// instruction set, which is what [`run`](Self::run) is for.
pub(crate) trait Arithmetic: Copy + Send + Sync + 'static {
    /// What a product multiplies: one channel in fp32, two in bf16.
    type Operand: Pod + Default + Send + Sync;
    /// A weight of an operand as it is stored.
    type Weight: Pod;
    /// The weights of one operand for the outputs of a tile: two vectors.
    type Block: Pod;
    /// Operands in registers.
    type Operands: Copy;
    /// [`LANES`](Self::LANES) sums in registers.
    type Vector: Copy;

    /// Channels in an operand.
    const CHANNELS: usize;
    /// Floats in a vector.
    const LANES: usize;
    /// Rows of a register tile; its columns are two vectors.
    const ROWS: usize;

    /// Runs `task` compiled for the instruction set.
    fn run(self, task: impl Task<Self>);

    /// The operand of the first [`CHANNELS`](Self::CHANNELS) of these channels.
    fn operand(self, channels: &[f32]) -> Self::Operand;
    /// The weight that stands for an operand.
    fn weight(self, operand: Self::Operand) -> Self::Weight;

    fn splat(self, value: f32) -> Self::Vector;
    /// The first floats of `values`.
    fn load(self, values: &[f32]) -> Self::Vector;
    fn store(self, vector: Self::Vector, values: &mut [f32]);
    /// The first two vectors of `values`.
    #[inline(always)]
    fn load_pair(self, values: &[f32]) -> [Self::Vector; 2] {
        let (left, right) = values[..2 * Self::LANES].split_at(Self::LANES);
        [self.load(left), self.load(right)]
    }
    #[inline(always)]
    fn store_pair(self, [left, right]: [Self::Vector; 2], values: &mut [f32]) {
        let (to_left, to_right) = values[..2 * Self::LANES].split_at_mut(Self::LANES);
        self.store(left, to_left);
        self.store(right, to_right);
    }
    #[inline(always)]
    fn add_pairs(self, a: [Self::Vector; 2], b: [Self::Vector; 2]) -> [Self::Vector; 2] {
        [self.add(a[0], b[0]), self.add(a[1], b[1])]
    }
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn multiply(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn divide(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a × b + c`, rounded once if the processor can.
    fn multiply_then_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// The sum of all lanes.
    fn total(self, vector: Self::Vector) -> f32;
    /// Stores a vector as operands.
    fn store_operands(self, vector: Self::Vector, operands: &mut [Self::Operand]);

    /// One operand in all lanes.
    fn broadcast(self, operand: Self::Operand) -> Self::Operands;
    fn load_block(self, block: &Self::Block) -> [Self::Operands; 2];
    /// The first operands of a slice, one for each lane.
    fn load_operands(self, operands: &[Self::Operand]) -> Self::Operands;
    /// `sum + a × b`, in each lane the sum of an operand's channels.
    fn multiply_add(self, a: Self::Operands, b: Self::Operands, sum: Self::Vector) -> Self::Vector;
}

/// Operands as floats, which those of one channel are.
pub(crate) fn floats<A: Arithmetic>(operands: &[A::Operand]) -> &[f32] {
    bytemuck::cast_slice(operands)
}

/// The same, to write them.
pub(crate) fn floats_mut<A: Arithmetic>(operands: &mut [A::Operand]) -> &mut [f32] {
    bytemuck::cast_slice_mut(operands)
}

/// An arithmetic whose operands are floats.
pub(crate) trait Fp32:
    Arithmetic<Operand = f32, Operands = <Self as Arithmetic>::Vector>
{
}

impl<A: Arithmetic<Operand = f32, Operands = <A as Arithmetic>::Vector>> Fp32 for A {}

/// What all arithmetics whose operands are floats have in common.
macro_rules! floats_as_operands {
    () => {
        type Operand = f32;
        type Operands = Self::Vector;
        const CHANNELS: usize = 1;

        fn operand(self, channels: &[f32]) -> f32 {
            channels[0]
        }

        #[inline(always)]
        fn store_operands(self, vector: Self::Vector, operands: &mut [f32]) {
            self.store(vector, operands);
        }

        #[inline(always)]
        fn broadcast(self, operand: f32) -> Self::Vector {
            self.splat(operand)
        }

        #[inline(always)]
        fn load_operands(self, operands: &[f32]) -> Self::Vector {
            self.load(operands)
        }

        #[inline(always)]
        fn multiply_add(self, a: Self::Vector, b: Self::Vector, sum: Self::Vector) -> Self::Vector {
            self.multiply_then_add(a, b, sum)
        }
    };
}
pub(crate) use floats_as_operands;

/// What those of them have in common that store weights as floats, too.
macro_rules! floats_as_weights {
    () => {
        type Weight = f32;
        type Block = [[f32; Self::LANES]; 2];

        fn weight(self, operand: f32) -> f32 {
            operand
        }

        #[inline(always)]
        fn load_block(self, block: &Self::Block) -> [Self::Vector; 2] {
            [self.load(&block[0]), self.load(&block[1])]
        }
    };
}
pub(crate) use floats_as_weights;

/// Work to be compiled for an instruction set.
pub(crate) trait Task<A: Arithmetic> {
    /// Must be inlined.
    fn perform(self, arithmetic: A);
}
