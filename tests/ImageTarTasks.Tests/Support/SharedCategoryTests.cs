using System.Reflection;

namespace ImageTarTasks.Tests.Support;

[TestClass]
public sealed class SharedCategoryTests
{
    [TestMethod]
    public void Every_test_that_needs_shared_inputs_is_in_the_category_CI_filters_by()
    {
        var methods = Assembly
            .GetExecutingAssembly()
            .GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method =>
                method.IsDefined(typeof(TestMethodAttribute)) && Has<RequiresSharedAttribute>(method, _ => true)
            );
        var outside = methods.Where(method =>
            !Has<TestCategoryAttribute>(method, category => category.TestCategories.Contains("Shared"))
        );
        Assert.IsEmpty(outside.Select(method => method.DeclaringType!.Name + "." + method.Name));
    }

    private static bool Has<T>(MethodInfo method, Func<T, bool> condition)
        where T : Attribute =>
        method.GetCustomAttributes<T>().Concat(method.DeclaringType!.GetCustomAttributes<T>()).Any(condition);
}
