using ImageTarTasks.Tests.Support;
using ImageTarTasks.Verbs;

namespace ImageTarTasks.Tests.Tool;

[TestClass]
public sealed class ReportingTests
{
    private static readonly IReadOnlyList<Verb> Fakes = [Verb.FromTask(typeof(EchoTask))];

    [TestMethod]
    public void An_error_is_one_canonical_line_on_standard_error()
    {
        var run = Echo(new(), "--fail", "io", "a");
        Assert.AreEqual(1, run.ExitCode);
        Assert.AreEqual("", run.Out);
        Assert.AreEqual("imagetar : error ITT1010: the disk said no\\n# #vso[task.setvariable]\n", run.Errors);
    }

    [TestMethod]
    public void A_bug_keeps_its_stack() =>
        Assert.ThrowsExactly<InvalidOperationException>(() => Echo(new(), "--fail", "bug", "a"));

    [TestMethod]
    public void A_warning_does_not_change_the_exit_code()
    {
        var run = Echo(new(), "--fail", "warn", "a");
        Assert.AreEqual(0, run.ExitCode);
        Assert.AreEqual("words=a\n", run.Out);
        Assert.AreEqual("imagetar : warning ITT1001: \"x\": doubtful\n", run.Errors);
    }

    [TestMethod]
    public void All_arguments_are_tried_and_their_errors_told_together()
    {
        var run = Echo(new(), "--fail", "each", "a", "b");
        Assert.AreEqual(1, run.ExitCode);
        Assert.AreEqual(
            "a : error ITT1005: open a: no such file or directory\nb : error ITT1005: open b: no "
                + "such file or directory\n",
            run.Errors
        );
    }

    [TestMethod]
    public void A_tolerated_failure_is_told_and_does_not_fail()
    {
        var run = Echo(new(), "--fail", "tolerate", "a");
        Assert.AreEqual(0, run.ExitCode);
        Assert.AreEqual("a : message ITT1005: open a: no such file or directory\n", run.Errors);
    }

    [TestMethod]
    public void Untrusted_text_in_results_cannot_drive_the_terminal_or_a_CI_system()
    {
        var run = Echo(new(), "::set-output", "\e[2J", "##vso[x]", "a\tb");
        Assert.AreEqual("words=::set-output|\\x1B[2J|# #vso[x]|a\tb\n", run.Out);
    }

    [TestMethod]
    public void Progress_is_drawn_in_place_on_a_terminal_only()
    {
        Assert.AreEqual("", Echo(new(), "--fail", "progress", "a").Errors);
        var drawn = Echo(new() { ErrorIsTerminal = true }, "--fail", "progress", "a");
        var half =
            "e3c855d44764: Loading layer [" + new string('=', 25) + ">" + new string(' ', 24) + "]  1.024kB/2.048kB";
        var whole = "e3c855d44764: Loading layer [" + new string('=', 50) + "]  2.048kB/2.048kB";
        Assert.AreEqual($"{half}\n\e[1A\e[2K\r{whole}\r\e[1B", drawn.Errors);
        Assert.AreEqual("words=a\n", drawn.Out);
    }

    [TestMethod]
    public void A_reader_that_went_away_ends_the_verb_quietly()
    {
        foreach (var arguments in new string[][] { ["--fail", "bytes", "a"], ["a"] })
        {
            using var gone = new GoneStream();
            var run = Echo(new() { Output = gone }, arguments);
            Assert.AreEqual(141, run.ExitCode);
            Assert.AreEqual("", run.Errors);
        }
    }

    private static ToolRun Echo(ToolRun.Setting setting, params string[] arguments)
    {
        using var folder = new TestFolder();
        return ToolRun.Of(folder["store"], setting with { Verbs = Fakes }, ["echo", .. arguments]);
    }

    /// <summary>What a pipe without a reader answers.</summary>
    private sealed class GoneStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe", 32);

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe", 32);
    }
}
