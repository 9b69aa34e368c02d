using ImageTarTasks.InteropTests.Support;
using ImageTarTasks.Tests.Support;

namespace ImageTarTasks.InteropTests;

/// <summary>
/// Hostile and odd inputs through the real tool: each is refused or handled safely, within memory and time, and changes
/// nothing it must not.
/// </summary>
[TestClass, RequiresShared("badinputs"), RequiresRoot, TestCategory("Shared"), DoNotParallelize]
public sealed class HostileInputTests
{
    private static readonly TestFolder Inputs = new();
    private static readonly Canary Canary = new();

    [ClassInitialize]
    public static void Unpack(TestContext context)
    {
        Directory.CreateDirectory(Inputs.Root);
        Programs.Run("tar", "--zstd", "-xf", SharedInputs.PathOf("badinputs/inputs.tar.zst"), "-C", Inputs.Root);
    }

    [ClassCleanup]
    public static void Remove()
    {
        Canary.Dispose();
        Inputs.Dispose();
    }

    public static IEnumerable<string> Classes => HostileInput.All.Select(input => input.Class).Distinct();

    [TestMethod, DynamicData(nameof(Classes))]
    public void Every_invariant_holds_for_inputs_of_the_class(string inputClass)
    {
        var inputs = HostileInput.All.Where(input => input.Class == inputClass).ToList();
        var violations = new List<string>();
        Parallel.ForEach(
            inputs,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            input =>
            {
                using var trial = new HostileTrial(input, Inputs.Root, Canary);
                var found = Violations(trial);
                lock (violations)
                {
                    violations.AddRange(
                        found.Select(violation =>
                            $"{input.Id} ({input.Verb}, {input.Expected}): {violation}\n    {trial.Said}"
                        )
                    );
                }
            }
        );

        Assert.AreNotEqual(0, inputs.Count);
        Assert.IsEmpty(violations, string.Join('\n', violations.Order(StringComparer.Ordinal)));
    }

    /// <summary>
    /// A run that hangs or an output that is no tar is one more violation, and no reason not to look at the other
    /// inputs.
    /// </summary>
    private static List<string> Violations(HostileTrial trial)
    {
        try
        {
            return [.. trial.Violations()];
        }
        catch (Exception failure)
            when (failure is UnitTestAssertException or IOException or KeyNotFoundException or FormatException)
        {
            return [failure.Message];
        }
    }
}
